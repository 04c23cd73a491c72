//! Legal forms of companies, each in its one spelling. The empty spelling marks words that say nothing of the form
//! either, such as "in liquidation".

/// Where in a name a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Front,
    End,
    Anywhere,
}

/// Forms that are no word of any language: they count wherever they stand.
const UNMISTAKABLE: [(&str, &str); 33] = [
    ("ltda", "ltda"),
    ("limitada", "ltda"),
    ("eireli", "eireli"),
    ("epp", "epp"),
    ("lda", "lda"),
    ("unipessoal", "unipessoal"),
    ("ltd", "ltd"),
    ("limited", "ltd"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("corp", "corp"),
    ("corporation", "corp"),
    ("llc", "llc"),
    ("llp", "llp"),
    ("plc", "plc"),
    ("gmbh", "gmbh"),
    ("mbh", "gmbh"),
    ("aktiengesellschaft", "ag"),
    ("aktiebolag", "ab"),
    ("sarl", "sarl"),
    ("sasu", "sas"),
    ("srl", "srl"),
    ("slu", "sl"),
    ("pty", "pty"),
    ("oyj", "oy"),
    ("aps", "aps"),
    ("bvba", "bv"),
    ("kft", "kft"),
    ("zrt", "zrt"),
    ("ooo", "ooo"),
    ("jsc", "jsc"),
    ("ojsc", "jsc"),
    ("pjsc", "jsc"),
];

/// Forms that may also be a word or the start of a name: they count at the end only.
const AT_THE_END: [(&str, &str); 38] = [
    ("sa", "sa"),
    ("me", "me"),
    ("mei", "mei"),
    ("microempresa", "me"),
    ("cia", "cia"),
    ("companhia", "cia"),
    ("co", "co"),
    ("company", "co"),
    ("ss", "ss"),
    ("scp", "scp"),
    ("sgps", "sgps"),
    ("crl", "crl"),
    ("lp", "lp"),
    ("pc", "pc"),
    ("ag", "ag"),
    ("kg", "kg"),
    ("kgaa", "kg"),
    ("ohg", "ohg"),
    ("ev", "ev"),
    ("se", "se"),
    ("bv", "bv"),
    ("nv", "nv"),
    ("vof", "vof"),
    ("cv", "cv"),
    ("sas", "sas"),
    ("snc", "snc"),
    ("spa", "spa"),
    ("sl", "sl"),
    ("oy", "oy"),
    ("ab", "ab"),
    ("as", "as"),
    ("asa", "as"),
    ("kk", "kk"),
    ("pte", "pte"),
    ("pvt", "pvt"),
    ("bhd", "bhd"),
    ("sdn", "sdn"),
    ("doo", "doo"),
];

const AT_THE_FRONT: [(&str, &str); 5] =
    [("sarl", "sarl"), ("ooo", "ooo"), ("oao", "oao"), ("zao", "zao"), ("pt", "pt")];

const PHRASES: [(&str, &str); 28] = [
    ("sociedade anonima", "sa"),
    ("sociedad anonima", "sa"),
    ("societe anonyme", "sa"),
    ("sa de cv", "sa"),
    ("sociedade limitada", "ltda"),
    ("sociedade unipessoal", "unipessoal"),
    ("sociedade simples", "ss"),
    ("empresa individual", "ei"),
    ("empresario individual", "ei"),
    ("micro empresa", "me"),
    ("microempreendedor individual", "mei"),
    ("empresa de pequeno porte", "epp"),
    ("s de rl de cv", "srl"),
    ("s de rl", "srl"),
    ("sp zoo", "spzoo"),
    ("sp z oo", "spzoo"),
    ("limited liability company", "llc"),
    ("public limited company", "plc"),
    ("joint stock company", "jsc"),
    ("open joint stock company", "jsc"),
    ("public joint stock company", "jsc"),
    ("kabushiki kaisha", "kk"),
    ("em recuperacao judicial", ""),
    ("em liquidacao", ""),
    ("em liquidacao extrajudicial", ""),
    ("in liquidation", ""),
    ("in administration", ""),
    ("massa falida", ""),
];

/// The most words that a phrase has.
pub(super) const PHRASE_WORDS_MAX: usize = 5;

/// The form that a folded word stands for at its place in the name.
pub(super) fn legal_form(word: &str, place: Place) -> Option<&'static str> {
    match place {
        Place::Front => find(&AT_THE_FRONT, word),
        Place::End => find(&UNMISTAKABLE, word).or_else(|| find(&AT_THE_END, word)),
        Place::Anywhere => find(&UNMISTAKABLE, word),
    }
}

/// The form that several folded words at the end of a name stand for.
pub(super) fn legal_form_of_phrase(phrase: &str) -> Option<&'static str> {
    find(&PHRASES, phrase)
}

/// Whether a folded word is a legal form and no word of any name.
pub(crate) fn is_unmistakable(word: &str) -> bool {
    find(&UNMISTAKABLE, word).is_some()
}

fn find(table: &[(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(spelling, _)| *spelling == word).map(|(_, form)| *form)
}
