//! What a header means: Portuguese, English and Spanish, folded.

use super::dictionary::DICTIONARY;
use vinculo_records::Standard;

/// What a header means by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Attribute(Standard),
    /// A name; which one, the other columns tell.
    Name,
    /// An address; a whole one or its street, the other columns tell.
    Address,
    /// `numero`: of a house where the other columns speak of an address, else of anything.
    Number,
    /// `documento`: a tax identifier where the values are.
    Document,
    /// `apelido`: a surname in Portugal, a nickname in Brazil.
    Apelido,
    /// Day, month or year of birth.
    BirthPart(DatePart),
    /// `dia`, `mes`, `ano`: of a date that the values tell.
    DatePart(DatePart),
    /// What names a record.
    Key,
    /// When the record was changed last.
    UpdatedAt,
    /// Person or organization.
    Kind,
    /// Of somebody or something else, whatever its values look like: the e-mail address of a salesman.
    OfAnother,
}

impl Meaning {
    /// Whether a column of this meaning makes a bare number beside it that of a house.
    pub(super) fn is_of_address(self) -> bool {
        match self {
            Self::Address => true,
            Self::Attribute(attribute) => ADDRESS_PARTS.contains(&attribute),
            _ => false,
        }
    }

    /// Whether a column of this meaning can stand behind the word that says whose it is: `contact.date` is of a call.
    fn is_of_customer(self) -> bool {
        !matches!(self, Self::Number | Self::DatePart(_) | Self::OfAnother)
    }

    /// Whether it is a name that nothing need be added to.
    fn is_whole_name(self) -> bool {
        let whole = [Standard::Name, Standard::FullName, Standard::LegalName, Standard::TradeName];
        self == Self::Name || matches!(self, Self::Attribute(attribute) if whole.contains(&attribute))
    }
}

/// A part of a date that has a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePart {
    Year,
    Month,
    Day,
}

/// A meaning found in a header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HeaderMatch {
    pub(super) meaning: Meaning,
    /// How sure the header alone is, 0 to 1.
    pub(super) strength: f64,
}

/// The meaning of a header, if it is known: as it stands, as a choice (`Razão Social / Nome`), or by what is behind the
/// word that says whose it is (`order.customer.profile.firstName`).
pub(super) fn meaning(header: &str) -> Option<HeaderMatch> {
    if let Some((list, key)) = header.rsplit_once("[].") {
        return of_each_object(&words(list), &words(key));
    }
    let words = words(header);
    let direct = of_words(&words).or_else(|| one_of_two(header));
    direct.or_else(|| of_words(behind_owner(&words)?).filter(|found| found.meaning.is_of_customer()))
}

/// The meaning of words, if it is known: as they stand, as a stamp, as part of an address (`address.city`), or without
/// those that say nothing of what it is.
fn of_words(words: &[String]) -> Option<HeaderMatch> {
    let found = |meaning: Meaning, strength: f64| Some(HeaderMatch { meaning, strength });
    if let Some(meaning) = known(words) {
        return found(meaning, 0.9);
    }
    if is_of_another(words) {
        return found(Meaning::OfAnother, 1.0);
    }
    if is_stamp(words) {
        return found(Meaning::UpdatedAt, 0.9);
    }
    if let Some(part) = part_of_address(words) {
        return found(part, 0.85);
    }
    // `A1_PESSOA` loses its `A1` only; of `nr do cliente` nothing is left that could be the number of a house.
    let unnumbered: Vec<String> = words.iter().filter(|word| !is_numbered_letter(word)).cloned().collect();
    let meaning = known(&unnumbered).or_else(|| known(&telling(words)).filter(|meaning| *meaning != Meaning::Number));
    meaning.and_then(|meaning| found(meaning, 0.75))
}

/// The meaning of a key of the objects in a list: `phones[].number` is a phone, `enderecos[].rua` a street; what a
/// `pedidos[].nome` names is not the customer.
fn of_each_object(list: &[String], key: &[String]) -> Option<HeaderMatch> {
    const ITSELF: [&str; 7] = ["number", "numero", "num", "value", "valor", "address", "endereco"];
    let (last, before) = list.split_last()?;
    let singular = ["", "s", "es"].into_iter().filter_map(|plural| last.strip_suffix(plural));
    let mut known = singular.filter_map(|last| of_words(&[before, &[last.to_owned()]].concat()));
    let of_list = known.next()?;
    let is_value = |found: &HeaderMatch| matches!(found.meaning, Meaning::Attribute(value) if value.is_multi_valued());
    match key {
        [word] if is_value(&of_list) && ITSELF.contains(&word.as_str()) => Some(of_list),
        key => of_words(key).filter(|found| found.meaning == of_list.meaning || is_value(found)).or_else(|| {
            let is_place = of_list.meaning.is_of_address();
            of_words(&[&["address".to_owned()], key].concat()).filter(|found| is_place && found.meaning.is_of_address())
        }),
    }
}

/// What `Fone / Celular` and `Razão Social / Nome` mean: one thing by two words, or the name of whoever it is.
fn one_of_two(header: &str) -> Option<HeaderMatch> {
    let parts: Option<Vec<Meaning>> = header.split('/').map(|part| known(&words(part))).collect();
    let parts = parts.filter(|parts| parts.len() > 1)?;
    let meaning = if parts.iter().all(|part| *part == parts[0]) {
        parts[0]
    } else if parts.iter().all(|part| part.is_whole_name()) {
        Meaning::Name
    } else {
        return None;
    };
    Some(HeaderMatch { meaning, strength: 0.85 })
}

/// The words behind the last one that says that a value is the customer's, as in the paths of nested records.
fn behind_owner(words: &[String]) -> Option<&[String]> {
    const OWNERS: &str = "buyer client cliente comprador consumidor contact contacto contato customer dados member \
                          perfil person pessoa profile titular user usuario";
    let is_owner = |word: &String| OWNERS.split_ascii_whitespace().any(|owner| owner == word);
    let behind = &words[words.iter().rposition(is_owner)? + 1..];
    (!behind.is_empty()).then_some(behind)
}

/// The dictionary's meaning of these words; `dataNascimento`, `data_nascimento` and `datanascimento` are one.
fn known(words: &[String]) -> Option<Meaning> {
    let together = words.concat();
    let is_it = |name: &str| name.bytes().filter(|byte| *byte != b'_').eq(together.bytes());
    let (meaning, _) = DICTIONARY.iter().find(|(_, names)| names.split(' ').any(is_it))?;
    Some(*meaning)
}

/// The words that say what a value is, without the numbers behind them.
fn telling(words: &[String]) -> Vec<String> {
    let without_number = |word: &String| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    words.iter().filter(|word| !is_neutral(word)).map(without_number).collect()
}

/// `ultima alteracao`, `data_ult_atualizacao`, `last modified at`: a word of changing and nothing but words of time.
/// `ultima compra` is a date too, but not that of a change of the row.
fn is_stamp(words: &[String]) -> bool {
    const OF_TIME: &str = "a at da data date datetime de del dh do dt em en f fec fecha hora la last of on record \
                           registro row the time timestamp ts ult ultima ultimo";
    const OF_CHANGE: &str = "actualizacao actualizacion actualizada actualizado alt alteracao alterada alterado \
                             alterou atualiz atualizacao atualizada atualizado change changed edited modif modificacao \
                             modificacion modificada modificado modification modified upd update updated";
    let is_in = |list: &str, word: &String| list.split_ascii_whitespace().any(|known| known == word);
    let (of_change, others): (Vec<_>, Vec<_>) = words.iter().partition(|word| is_in(OF_CHANGE, word));
    of_change.len() == 1 && words.len() > 1 && others.into_iter().all(|word| is_in(OF_TIME, word))
}

/// What a part of an address is called behind `address.`, `endereco_`, `shipping` and the like.
fn part_of_address(words: &[String]) -> Option<Meaning> {
    const OF_ADDRESS: &str = "addr address addresses billing cobranca correspondencia direccion domicilio end ender \
                              endereco enderecos faturamento localizacao location mailing morada shipping";
    let is_address = |word: &String| OF_ADDRESS.split_ascii_whitespace().any(|known| known == word);
    let rest: Vec<String> = words.iter().filter(|word| !is_address(word)).cloned().collect();
    if rest.len() == words.len() || rest.is_empty() {
        return None;
    }
    let part = known(&rest).or_else(|| known(&telling(&rest)))?;
    let is_part = match part {
        Meaning::Number => true,
        Meaning::Attribute(_) => part.is_of_address(),
        _ => false,
    };
    is_part.then_some(part)
}

/// The attributes that together are an address.
const ADDRESS_PARTS: [Standard; 8] = [
    Standard::Street,
    Standard::HouseNumber,
    Standard::Complement,
    Standard::District,
    Standard::City,
    Standard::Region,
    Standard::PostalCode,
    Standard::Country,
];

/// Whether the value is that of another person, a document, or an event: `email_vendedor`, `uf_rg`, `cidade_nascimento`.
fn is_of_another(words: &[String]) -> bool {
    const OTHERS: &str = "agencia agent agente assistant atendente avalista banco bank beneficiario branch cnh \
                          conjuge conyuge consultor created creator criado criador ctps dependente dependent \
                          emergencia emergency emissao emissor estadual expedicao expedidor father fiador filial \
                          filho fornecedor gerente inscricao ip loja manager mae madre mother medico municipal \
                          naturalidade operador owner padre pai parceiro partner proveedor recado referral referrer \
                          representante responsable responsavel rg salesperson seller socio spouse store sucursal \
                          supplier tecnico testemunha tienda tutor vendedor vendedora";
    const BIRTH: [&str; 4] = ["nascimento", "nasc", "nacimiento", "birth"];
    const PLACES: [&str; 13] = [
        "cidade",
        "city",
        "ciudad",
        "country",
        "estado",
        "local",
        "lugar",
        "municipio",
        "pais",
        "place",
        "provincia",
        "state",
        "uf",
    ];
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_other = words.iter().any(|word| OTHERS.split_ascii_whitespace().any(|other| other == word));
    is_other || (has(&BIRTH) && has(&PLACES))
}

/// A header as messages show it: short, on one line.
pub(super) fn shown(header: &str) -> String {
    let clean = header.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = clean.take(40).collect();
    if header.chars().count() > 40 {
        shown.push('…');
    }
    shown
}

/// The words of a header: lower case, no accents; `dtNascimento`, `DT-NASCIMENTO` and `Dt. Nascimento` are the same.
pub(super) fn words(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in header.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase().map(without_accent));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The letter without its accent, for the letters that headers in these languages have.
pub(super) fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'º' | '°' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// `a1`, `c2`, `3`.
fn is_numbered_letter(word: &str) -> bool {
    let after_letter = word.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(word);
    !after_letter.is_empty() && after_letter.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words that say whose the value is, or of which sort, but not what it is; `a1`, `c2` and numbers too.
fn is_neutral(word: &str) -> bool {
    const NEUTRAL: &str = "a adicional atual casa cd cli client cliente clientes col coluna comercial contact \
                           contacto contato consumidor current customer customers da de del di do ds e entrega fixo \
                           home main member nm nr num o of original pessoa pessoal person personal primary principal \
                           residencial res secundario the titular trabalho tx txt user usuario work";
    is_numbered_letter(word) || NEUTRAL.split_ascii_whitespace().any(|neutral| neutral == word)
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::of;
    use super::*;

    #[test]
    fn headers_are_known_however_they_are_spelled() {
        let cases = [
            ("Nome", Meaning::Name),
            ("NM_CLIENTE", Meaning::Name),
            ("nome do cliente", Meaning::Name),
            ("primeiroNome", of(Standard::GivenName)),
            ("fname_c1", of(Standard::GivenName)),
            ("sobrenome2", of(Standard::FamilyName)),
            ("Apelido", Meaning::Apelido),
            ("Dt. Nasc.", of(Standard::BirthDate)),
            ("dataNascimento", of(Standard::BirthDate)),
            ("Fecha de Nacimiento", of(Standard::BirthDate)),
            ("Gênero", of(Standard::Sex)),
            ("Nome da Mãe", of(Standard::MotherName)),
            ("CPF/CNPJ", of(Standard::TaxId)),
            ("Nº Contribuinte", of(Standard::TaxId)),
            ("E-mail", of(Standard::Email)),
            ("email_2", of(Standard::Email)),
            ("Telemóvel", of(Standard::Phone)),
            ("tel. residencial", of(Standard::Phone)),
            ("WhatsApp", of(Standard::Phone)),
            ("Razão Social", of(Standard::LegalName)),
            ("Nome Fantasia", of(Standard::TradeName)),
            ("Logradouro", of(Standard::Street)),
            ("Endereço", Meaning::Address),
            ("Nº", Meaning::Number),
            ("address.number", Meaning::Number),
            ("endereco.cidade", of(Standard::City)),
            ("billing_address_zip", of(Standard::PostalCode)),
            ("contact.email", of(Standard::Email)),
            ("A1_CGC", of(Standard::TaxId)),
            ("DT_ULT_ALTERACAO", Meaning::UpdatedAt),
            ("ano de nascimento", Meaning::BirthPart(DatePart::Year)),
            ("Bairro", of(Standard::District)),
            ("Município", of(Standard::City)),
            ("UF", of(Standard::Region)),
            ("Código Postal", of(Standard::PostalCode)),
            ("País", of(Standard::Country)),
            ("cod_cliente", Meaning::Key),
            ("customer_id", Meaning::Key),
            ("Última Alteração", Meaning::UpdatedAt),
            ("tp_pessoa", Meaning::Kind),
            ("Razão Social / Nome", Meaning::Name),
            ("Fone/Celular", of(Standard::Phone)),
            ("order_customer.profile.firstName", of(Standard::GivenName)),
            ("order.customer.contact.emails", of(Standard::Email)),
            ("pedido.comprador.endereco.cidade", of(Standard::City)),
            ("order_customer.uuid", Meaning::Key),
        ];
        for (header, expected) in cases {
            assert_eq!(meaning(header).map(|found| found.meaning), Some(expected), "{header}");
        }
    }

    #[test]
    fn keys_of_objects_in_a_list_mean_what_the_list_is_of() {
        for (header, expected) in [
            ("phones[].number", Some(of(Standard::Phone))),
            ("telefones[].numero", Some(of(Standard::Phone))),
            ("contato.telefones[].fone", Some(of(Standard::Phone))),
            ("emails[].address", Some(of(Standard::Email))),
            ("enderecos[].cidade", Some(of(Standard::City))),
            ("addresses[].city", Some(of(Standard::City))),
            ("telefones[].tipo", None),
            ("pedidos[].nome", None),
            ("orders[].city", None),
        ] {
            assert_eq!(meaning(header).map(|found| found.meaning), expected, "{header}");
        }
    }

    #[test]
    fn headers_that_only_look_alike_mean_nothing() {
        let alike = [
            "estado_civil",
            "numero_pedido",
            "data",
            "address_type",
            "ULT_COMPRA",
            "alterado_por",
            "",
            "???",
            "Cidade/UF",
            "/",
            "order.product.name",
            "last_contact.day",
            "customer.group.name",
        ];
        for header in alike {
            assert_eq!(meaning(header), None, "{header}");
        }
        for header in ["nome_usuario_criador", "cidade_nascimento", "email_vendedor", "uf_rg", "telefone recado"] {
            assert_eq!(meaning(header).map(|found| found.meaning), Some(Meaning::OfAnother), "{header}");
        }
    }

    #[test]
    fn no_header_stands_in_the_dictionary_twice() {
        let mut all: Vec<String> =
            DICTIONARY.iter().flat_map(|(_, names)| names.split(' ')).map(|name| name.replace('_', "")).collect();
        all.sort_unstable();
        for pair in all.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
