//! What stands behind a person's name and says what the person is: a position, a degree.

use super::is_title;
use crate::fold::fold_into;

/// A name without what somebody is: `Dra. Ana Lima` of `Dra. Ana Lima, Diretora de Vendas`. Nothing where no more is said than
/// the name.
pub(super) fn described(name: &str) -> Option<&str> {
    let (before, after) = name.split_once(',')?;
    let before = before.trim();
    let fold_word = |word: &str| {
        let mut folded = String::new();
        fold_into(word, &mut folded);
        folded
    };
    let mut words = before.split_whitespace();
    let has_title = words.next().is_some_and(|first| is_title(&fold_word(first)));
    let is_name = words.count() > usize::from(has_title);
    let says_what = || after.split([' ', ',', '/', '.']).any(|word| tells_what_one_is(&fold_word(word)));
    (is_name && !after.trim().is_empty() && (has_title || says_what())).then_some(before)
}

/// Whether a word behind a name tells a position or a degree, and never names anybody.
fn tells_what_one_is(folded: &str) -> bool {
    const WORDS: &str = "and of for assistant director manager officer head lecturer editor engineer consultant secretary \
        librarian administrator technician supervisor coordinator president chairman owner partner \
        accountant analyst marketing purchasing department phd mba msc esq dds cpa ceo cfo cto coo \
        diretor diretora gerente coordenador coordenadora analista assistente secretaria vendedor \
        vendedora comprador compradora presidente socio socia proprietario proprietaria chefe \
        encarregado encarregada responsavel consultor consultora supervisora financeiro compras vendas \
        departamento representante administradora";
    WORDS.split(' ').any(|word| word == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_told_from_a_name() {
        for (name, alone) in [
            ("Dra. Ana Lima, Diretora", Some("Dra. Ana Lima")),
            ("Ana Lima, Gerente de Vendas", Some("Ana Lima")),
            ("John Smith, PhD", Some("John Smith")),
            ("Ms. Helen Lawler, Stores", Some("Ms. Helen Lawler")),
            ("Lima, Dra. Ana", None),
            ("Dr. Lima, Ana", None),
            ("Head, Edith", None),
            ("SILVA SOUZA, MARIA APARECIDA DA", None),
            ("Ana Lima,", None),
            ("Ana Lima", None),
        ] {
            assert_eq!(described(name), alone, "{name}");
        }
    }
}
