//! One spelling for the words of streets, complements and districts. The written forms vary, the places do not.

use crate::fold::{fold, words};

/// Short forms and what each is short for.
struct Spellings {
    written: &'static [(&'static str, &'static str)],
    /// The bytes of the longest short form: longer words need not be looked for.
    longest: usize,
    /// Which short forms begin with each letter from `a` on, a bit each.
    by_letter: [u128; 26],
}

impl Spellings {
    const fn new(written: &'static [(&'static str, &'static str)]) -> Self {
        assert!(written.len() <= 128);
        let (mut longest, mut by_letter, mut at) = (0, [0; 26], 0);
        while at < written.len() {
            let word = written[at].0.as_bytes();
            if word.len() > longest {
                longest = word.len();
            }
            by_letter[(word[0] - b'a') as usize] |= 1 << at;
            at += 1;
        }
        Self { written, longest, by_letter }
    }

    fn of<'a>(&self, word: &'a str) -> &'a str {
        let first = word.bytes().next().unwrap_or_default().wrapping_sub(b'a');
        if word.len() > self.longest || first >= 26 {
            return word;
        }
        let mut left = self.by_letter[usize::from(first)];
        while left != 0 {
            let (written, spelling) = self.written[left.trailing_zeros() as usize];
            if written == word {
                return spelling;
            }
            left &= left - 1;
        }
        word
    }
}

/// Street types that stand in front, as in Portuguese and Spanish.
const TYPES_IN_FRONT: Spellings = Spellings::new(&[
    ("r", "rua"),
    ("av", "avenida"),
    ("ave", "avenida"),
    ("aven", "avenida"),
    ("avda", "avenida"),
    ("al", "alameda"),
    ("alam", "alameda"),
    ("tv", "travessa"),
    ("trav", "travessa"),
    ("tr", "travessa"),
    ("rod", "rodovia"),
    ("rdv", "rodovia"),
    ("pc", "praca"),
    ("pca", "praca"),
    ("prc", "praca"),
    ("pr", "praca"),
    ("est", "estrada"),
    ("estr", "estrada"),
    ("lg", "largo"),
    ("lgo", "largo"),
    ("lad", "ladeira"),
    ("ld", "ladeira"),
    ("bc", "beco"),
    ("vl", "vila"),
    ("vla", "vila"),
    ("jd", "jardim"),
    ("jrd", "jardim"),
    ("pq", "parque"),
    ("pque", "parque"),
    ("qd", "quadra"),
    ("q", "quadra"),
    ("lt", "lote"),
    ("cj", "conjunto"),
    ("conj", "conjunto"),
    ("cond", "condominio"),
    ("lot", "loteamento"),
    ("res", "residencial"),
    ("vd", "viaduto"),
    ("viad", "viaduto"),
    ("fz", "fazenda"),
    ("faz", "fazenda"),
    ("st", "saint"),
    ("c", "calle"),
    ("urb", "urbanizacao"),
    ("bv", "boulevard"),
    ("set", "setor"),
    ("pcta", "praceta"),
    ("pct", "praceta"),
    ("az", "azinhaga"),
    ("bo", "bairro"),
    ("en", "estrada nacional"),
    ("e", "east"),
    ("w", "west"),
]);

/// Street types that stand at the end, as in English.
const TYPES_AT_THE_END: Spellings = Spellings::new(&[
    ("st", "street"),
    ("str", "street"),
    ("rd", "road"),
    ("ave", "avenue"),
    ("av", "avenue"),
    ("cl", "close"),
    ("ct", "court"),
    ("crt", "court"),
    ("pl", "place"),
    ("cres", "crescent"),
    ("cresc", "crescent"),
    ("cr", "crescent"),
    ("dr", "drive"),
    ("drv", "drive"),
    ("ln", "lane"),
    ("blvd", "boulevard"),
    ("boul", "boulevard"),
    ("hwy", "highway"),
    ("pkwy", "parkway"),
    ("pde", "parade"),
    ("tce", "terrace"),
    ("ter", "terrace"),
    ("terr", "terrace"),
    ("sq", "square"),
    ("cct", "circuit"),
    ("cir", "circle"),
    ("gr", "grove"),
    ("gve", "grove"),
    ("gdns", "gardens"),
    ("esp", "esplanade"),
    ("ests", "estates"),
    ("hts", "heights"),
    ("mt", "mount"),
    ("pt", "point"),
    ("rdge", "ridge"),
    ("trl", "trail"),
    ("wy", "way"),
    ("wlk", "walk"),
    ("fwy", "freeway"),
]);

/// Words inside the names of streets and districts.
const INSIDE: Spellings = Spellings::new(&[
    ("dr", "doutor"),
    ("dra", "doutora"),
    ("prof", "professor"),
    ("profa", "professora"),
    ("gen", "general"),
    ("gal", "general"),
    ("cel", "coronel"),
    ("mal", "marechal"),
    ("cap", "capitao"),
    ("maj", "major"),
    ("ten", "tenente"),
    ("sgt", "sargento"),
    ("brig", "brigadeiro"),
    ("alm", "almirante"),
    ("pres", "presidente"),
    ("gov", "governador"),
    ("sen", "senador"),
    ("dep", "deputado"),
    ("ver", "vereador"),
    ("pref", "prefeito"),
    ("min", "ministro"),
    ("des", "desembargador"),
    ("cons", "conselheiro"),
    ("eng", "engenheiro"),
    ("arq", "arquiteto"),
    ("pe", "padre"),
    ("mons", "monsenhor"),
    ("cdor", "comendador"),
    ("com", "comendador"),
    ("visc", "visconde"),
    ("sta", "santa"),
    ("sto", "santo"),
    ("s", "sao"),
    ("n", "nossa"),
    ("sra", "senhora"),
    ("jd", "jardim"),
    ("vl", "vila"),
    ("pq", "parque"),
    // `N.` and `S.` are directions in English; what they stand for has to be one word with the saints.
    ("north", "nossa"),
    ("south", "sao"),
    ("rd", "road"),
    ("ave", "avenue"),
    ("blvd", "boulevard"),
    ("hwy", "highway"),
    ("pkwy", "parkway"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
    // Days after which streets are named, and numbered avenues.
    ("xv", "15"),
    ("quinze", "15"),
    ("treze", "13"),
    ("doze", "12"),
    ("onze", "11"),
    ("nove", "9"),
    ("sete", "7"),
    ("dois", "2"),
    ("vinte", "20"),
    ("first", "1st"),
    ("second", "2nd"),
    ("third", "3rd"),
    ("fourth", "4th"),
    ("fifth", "5th"),
    ("sixth", "6th"),
    ("seventh", "7th"),
    ("eighth", "8th"),
    ("ninth", "9th"),
    ("tenth", "10th"),
    ("eleventh", "11th"),
    ("twelfth", "12th"),
]);

/// What follows these tells where in the street the house stands.
const WHEREABOUTS: Spellings = Spellings::new(&[
    ("between", ""),
    ("entre", ""),
    ("esquina", ""),
    ("esq", ""),
    ("corner", ""),
    ("near", ""),
    ("opposite", ""),
    ("proximo", ""),
    ("proxima", ""),
    ("prox", ""),
    ("perto", ""),
    ("defronte", ""),
]);

/// Directions that stand behind the type of a street.
const DIRECTIONS: [&str; 8] = ["n", "s", "e", "w", "ne", "nw", "se", "sw"];

const IN_COMPLEMENTS: Spellings = Spellings::new(&[
    ("ap", "apto"),
    ("apt", "apto"),
    ("apartamento", "apto"),
    ("apartment", "apto"),
    ("flat", "apto"),
    ("unit", "apto"),
    ("bl", "bloco"),
    ("bloc", "bloco"),
    ("block", "bloco"),
    ("cs", "casa"),
    ("house", "casa"),
    ("sl", "sala"),
    ("room", "sala"),
    ("suite", "sala"),
    ("ste", "sala"),
    ("and", "andar"),
    ("floor", "andar"),
    ("level", "andar"),
    ("fds", "fundos"),
    ("fundo", "fundos"),
    ("lj", "loja"),
    ("lt", "lote"),
    ("qd", "quadra"),
    ("q", "quadra"),
    ("conj", "conjunto"),
    ("cj", "conjunto"),
    ("tr", "torre"),
    ("ed", "edificio"),
    ("edif", "edificio"),
    ("cob", "cobertura"),
    ("dto", "direito"),
    ("esq", "esquerdo"),
    ("gp", "galpao"),
]);

/// Words that need a number or a name behind them to be a street, and months, which days stand before.
const NO_NAMES: [&str; 58] = [
    "rua",
    "avenida",
    "alameda",
    "travessa",
    "rodovia",
    "praca",
    "estrada",
    "largo",
    "ladeira",
    "beco",
    "vila",
    "jardim",
    "parque",
    "quadra",
    "lote",
    "conjunto",
    "condominio",
    "loteamento",
    "residencial",
    "viaduto",
    "fazenda",
    "calle",
    "setor",
    "praceta",
    "azinhaga",
    "bairro",
    "linha",
    "ramal",
    "vicinal",
    "sitio",
    "chacara",
    "acesso",
    "passagem",
    "viela",
    "servidao",
    "gleba",
    "anel",
    "marginal",
    "caminho",
    "superquadra",
    "carrera",
    "street",
    "avenue",
    "highway",
    "route",
    "road",
    "janeiro",
    "fevereiro",
    "marco",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];

/// Whether one word is the whole name of a street: `Broadway`, `Hauptstr.`, `72nd`.
pub(super) fn is_whole_name(word: &str) -> bool {
    let folded = fold(word);
    let letters = folded.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_ordinal = letters.len() < folded.len() && matches!(letters, "st" | "nd" | "rd" | "th");
    let is_word = letters.len() == folded.len() && letters.len() > 3 && !letters.contains(' ');
    is_ordinal || (is_word && TYPES_IN_FRONT.of(letters) == letters && !NO_NAMES.contains(&letters))
}

/// Writes the words of a street, folded, its type and titles in one spelling, without `de`, `da`, `do`, and without what
/// tells where in the street the house stands.
pub fn street_words_into(street: &str, out: &mut String) {
    let folded = fold(street);
    let of_street = words(&folded).enumerate().take_while(|(n, word)| *n == 0 || !WHEREABOUTS.of(word).is_empty());
    let is_direction =
        |word: &str| DIRECTIONS.contains(&word) || word.starts_with("north") || word.starts_with("south");
    let last = of_street.clone().filter(|(_, word)| !is_direction(word)).last().map_or(0, |(n, _)| n);
    let spelled = of_street.map(|(n, word)| match n {
        0 => match TYPES_IN_FRONT.of(word) {
            same if same == word => INSIDE.of(word),
            other => other,
        },
        n if n == last => match TYPES_AT_THE_END.of(word) {
            same if same == word => INSIDE.of(word),
            other => other,
        },
        _ => INSIDE.of(word),
    });
    join(spelled, out);
}

/// Writes the words of a complement, folded, in one spelling; letters and digits stand apart (`ap12` is `apto 12`).
pub fn complement_words_into(complement: &str, out: &mut String) {
    let folded = fold(complement);
    let pieces = folded.split(' ').flat_map(|word| {
        let border = word.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (letters, digits) = word.split_at(border);
        [letters, digits]
    });
    join(pieces.filter(|piece| !piece.is_empty()).map(|word| IN_COMPLEMENTS.of(word)), out);
}

/// Writes the words of a district or city, folded, in one spelling, without `de`, `da`, `do`.
pub fn district_words_into(district: &str, out: &mut String) {
    let folded = fold(district);
    join(words(&folded).map(|word| INSIDE.of(word)), out);
}

fn join<'a>(words: impl Iterator<Item = &'a str> + Clone, out: &mut String) {
    let is_connective = |word: &&str| matches!(*word, "de" | "da" | "do" | "das" | "dos" | "e");
    let only_connectives = words.clone().all(|word| is_connective(&word));
    let start = out.len();
    for word in words.filter(|word| only_connectives || !is_connective(word)) {
        if out.len() > start {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(by: fn(&str, &mut String), text: &str) -> String {
        let mut out = String::new();
        by(text, &mut out);
        out
    }

    #[test]
    fn streets_have_one_spelling() {
        let groups: &[&[&str]] = &[
            &["Rua das Flores", "R. das Flores", "R DAS FLORES", "Rua Flores"],
            &["Avenida Doutor Arnaldo", "Av. Dr. Arnaldo", "AV DR ARNALDO"],
            &["Praça da Sé", "Pça da Sé", "Pc. Se"],
            &["Alameda Santos", "Al. Santos"],
            &["Rua Santo Antônio", "R. Sto Antonio"],
            &["High Street", "High St", "HIGH ST."],
            &["Station Road", "Station Rd"],
            &["Green Drive", "Green Dr"],
            &["St Georges Crescent", "St. Georges Cres"],
            &["East 49th Street", "E. 49th St."],
            &["Las Vegas Boulevard South", "Las Vegas Blvd. S"],
            &["Peachtree Road NE", "Peachtree Rd. Northeast"],
            &["North California Avenue", "N. California Ave"],
            &["9th Avenue", "Ninth Ave. between 50th and 51st Sts."],
            &["Rua XV de Novembro", "R. Quinze de Novembro", "Rua 15 de Novembro, esquina com a Rua da Praia"],
        ];
        for group in groups {
            for street in &group[1..] {
                assert_eq!(written(street_words_into, group[0]), written(street_words_into, street), "{street}");
            }
        }
        assert_ne!(written(street_words_into, "Rua Santos"), written(street_words_into, "Avenida Santos"));
    }

    #[test]
    fn complements_and_districts_have_one_spelling() {
        for complement in ["Apto 12 Bloco B", "ap12 bl B", "Apartamento 12, bl. b"] {
            assert_eq!(written(complement_words_into, complement), "apto 12 bloco b", "{complement}");
        }
        for district in ["Jardim São Paulo", "Jd. S. Paulo", "JD SAO PAULO"] {
            assert_eq!(written(district_words_into, district), "jardim sao paulo", "{district}");
        }
    }
}
