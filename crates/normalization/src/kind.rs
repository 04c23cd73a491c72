//! Person or organization, where a source does not tell.

use crate::company::is_unmistakable;
use crate::fold::fold;
use crate::tax_id;
use vinculo_records::{Flag, Kind};

/// Words that organizations have in their names and people do not.
const WORDS_OF_ORGANIZATIONS: [&str; 94] = [
    "comercio",
    "comercial",
    "industria",
    "industrial",
    "servicos",
    "servico",
    "associacao",
    "igreja",
    "prefeitura",
    "municipio",
    "camara",
    "secretaria",
    "ministerio",
    "escola",
    "colegio",
    "creche",
    "faculdade",
    "universidade",
    "clinica",
    "hospital",
    "laboratorio",
    "banco",
    "restaurante",
    "lanchonete",
    "padaria",
    "farmacia",
    "drogaria",
    "mercado",
    "supermercado",
    "mercearia",
    "acougue",
    "construtora",
    "construcoes",
    "incorporadora",
    "imobiliaria",
    "transportes",
    "transportadora",
    "logistica",
    "condominio",
    "fundacao",
    "instituto",
    "cooperativa",
    "sindicato",
    "federacao",
    "confederacao",
    "hotel",
    "pousada",
    "oficina",
    "autopecas",
    "materiais",
    "distribuidora",
    "atacadista",
    "empreendimentos",
    "participacoes",
    "investimentos",
    "consultoria",
    "assessoria",
    "engenharia",
    "advocacia",
    "advogados",
    "contabilidade",
    "tecnologia",
    "informatica",
    "sistemas",
    "solucoes",
    "holding",
    "grupo",
    "empresa",
    "companhia",
    "cia",
    "company",
    "group",
    "university",
    "college",
    "school",
    "bank",
    "church",
    "association",
    "foundation",
    "institute",
    "services",
    "solutions",
    "systems",
    "technologies",
    "industries",
    "partners",
    "consulting",
    "trading",
    "store",
    "loja",
    "lojas",
    "posto",
    "auto",
    "editora",
];

/// What a record is, from its raw name and tax identifiers: a valid CNPJ makes an organization, a valid CPF a person;
/// then the name decides by its legal form or a word that only organizations have; else it is a person. `country` is
/// the project's, two capital letters.
pub fn kind_of<'a>(name: Option<&str>, tax_ids: impl IntoIterator<Item = &'a str>, country: &str) -> Kind {
    let mut is_person = false;
    let mut id = String::new();
    for raw in tax_ids {
        id.clear();
        let flag = tax_id::normalize(&crate::shown::shown(raw).0, country, &mut id);
        if matches!(flag, None | Some(Flag::ZerosRestored)) {
            match id.len() {
                14 => return Kind::Organization,
                11 => is_person = true,
                // The first digit of a NIF tells companies and authorities from people.
                9 if id.starts_with(['5', '6', '8', '9']) => return Kind::Organization,
                9 => is_person = true,
                _ => {}
            }
        }
    }
    if !is_person && name.is_some_and(names_an_organization) { Kind::Organization } else { Kind::Person }
}

fn names_an_organization(name: &str) -> bool {
    let folded = fold(name);
    let words = || folded.split(' ');
    let several = words().count() > 1;
    if several && words().any(|word| is_unmistakable(word) || WORDS_OF_ORGANIZATIONS.contains(&word)) {
        return true;
    }
    // `S/A` and `ME` at the end, in capitals or with punctuation: `Sá` is a family name.
    let last = name.trim_end().rsplit(' ').next().unwrap_or_default();
    let legal_form =
        matches!(last, "S/A" | "S.A." | "S.A" | "s/a" | "s.a." | "ME" | "MEI" | "N.V." | "B.V." | "S.p.A." | "S.r.l.");
    several && (legal_form || name.contains(" & "))
}

/// Whether a valid identifier belongs to the other kind: a CPF on an organization, a CNPJ on a person.
pub(crate) fn is_of_other_kind(id: &str, kind: Kind) -> bool {
    match kind {
        Kind::Person => id.len() == 14,
        Kind::Organization => id.len() == 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_decide_first_then_the_name() {
        use Kind::*;
        let cases: [(Option<&str>, &[&str], Kind); 15] = [
            (Some("Maria da Silva"), &["529.982.247-25"], Person),
            (Some("Padaria Silva Ltda"), &["529.982.247-25"], Person),
            (Some("Maria da Silva"), &["11.222.333/0001-81"], Organization),
            (Some("Maria da Silva"), &["000.000.000-00"], Person),
            (Some("Padaria do João"), &[], Organization),
            (Some("Silva e Souza LTDA"), &[], Organization),
            (Some("JOAO DA SILVA ME"), &[], Organization),
            (Some("Petrobras S/A"), &[], Organization),
            (Some("Maria de Sá"), &[], Person),
            (Some("MARIA SA"), &[], Person),
            (Some("Smith & Wesson"), &[], Organization),
            (Some("Acme Inc."), &[], Organization),
            (Some("Loja"), &[], Person),
            (None, &["11.222.333/0001-81"], Organization),
            (None, &[], Person),
        ];
        for (name, ids, kind) in cases {
            assert_eq!(kind_of(name, ids.iter().copied(), "BR"), kind, "{name:?} {ids:?}");
        }
        assert_eq!(kind_of(None, ["501964843"], "PT"), Organization);
    }
}
