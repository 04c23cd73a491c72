//! Names of persons: how they are shown, and the words that are compared.

mod description;

use crate::fold::fold_into;
use crate::letter_case;
use description::described;
use std::borrow::Cow;

/// Whether a word only links the words of a name: `de`, `da`, `dos`, `e`, `von`.
pub(crate) fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 16] =
        ["de", "da", "do", "das", "dos", "e", "di", "del", "della", "du", "van", "von", "der", "den", "ter", "zu"];
    word.len() <= 5 && PARTICLES.iter().any(|particle| word.eq_ignore_ascii_case(particle))
}

/// A name as it is shown: `SILVA, Maria` turned round, names in capitals or small letters throughout in title case.
///
/// Takes a text in its shown form ([`crate::shown::shown`]).
pub fn display(name: &str) -> Cow<'_, str> {
    match turn_round(name) {
        Cow::Borrowed(name) => letter_case::told(name),
        Cow::Owned(turned) => Cow::Owned(letter_case::told(&turned).into_owned()),
    }
}

/// `SOBRENOME, Nome` becomes `Nome SOBRENOME`; a generation word behind the comma only loses the comma, and what somebody is
/// stays behind it.
fn turn_round(name: &str) -> Cow<'_, str> {
    let Some((before, after)) = name.split_once(',') else {
        return Cow::Borrowed(name);
    };
    if described(name).is_some() {
        return Cow::Borrowed(name);
    }
    let (before, after) = (before.trim(), after.trim());
    if before.is_empty() || after.is_empty() || after.contains(',') {
        return Cow::Owned(name.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if word_role(after.trim_end_matches('.')) == Role::Generation {
        return Cow::Owned(format!("{before} {after}"));
    }
    match before.rsplit_once(' ') {
        // `Silva Júnior, João`: the generation word stays last.
        Some((family, last)) if word_role(last.trim_end_matches('.')) == Role::Generation => {
            Cow::Owned(format!("{after} {family} {last}"))
        }
        _ => Cow::Owned(format!("{after} {before}")),
    }
}

/// The given name, what stands between, and the family name with its particles and generation word: `Ana`, `Paula`,
/// `de Souza Filho`. Any may be empty; a title is in none.
///
/// Takes a name as it is shown. The first word is taken for the given name and the last for the family's, which is right
/// where names are written so and no more than a rule of thumb elsewhere.
pub fn parts(name: &str) -> [&str; 3] {
    let name = described(name).unwrap_or(name);
    let start_of = |word: &str| word.as_ptr() as usize - name.as_ptr() as usize;
    let mut folded = String::new();
    let mut is_title = |word: &str| {
        folded.clear();
        fold_into(word.trim_end_matches('.'), &mut folded);
        is_title(&folded)
    };
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 && is_title(words[0]) {
        words.remove(0);
    }
    let [given, .., last] = words.as_slice() else { return [words.first().copied().unwrap_or_default(), "", ""] };
    let has_generation = words.len() > 2 && word_role(last.trim_end_matches('.')) == Role::Generation;
    let mut family = words.len() - 1 - usize::from(has_generation);
    while family > 1 && is_particle(words[family - 1]) {
        family -= 1;
    }
    let (between, family) = (start_of(words[1]), start_of(words[family]));
    [*given, name[between..family].trim_end(), name[family..].trim_end()]
}

#[derive(PartialEq, Eq)]
enum Role {
    Generation,
    Other,
}

fn word_role(word: &str) -> Role {
    let mut folded = String::new();
    fold_into(word, &mut folded);
    match Generation::of(&folded) {
        Some(_) => Role::Generation,
        None => Role::Other,
    }
}

/// A word behind the family name that tells father from son.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Generation {
    spelling: &'static str,
    /// How many other words the name must have: `Neto` and `Filho` are family names as well, `Jr` is not.
    other_words: usize,
}

impl Generation {
    fn of(folded: &str) -> Option<Self> {
        let (spelling, other_words) = match folded {
            "junior" | "jr" | "jnr" => ("junior", 1),
            "filho" => ("filho", 2),
            "neto" | "netto" => ("neto", 2),
            "bisneto" => ("bisneto", 2),
            "sobrinho" => ("sobrinho", 2),
            "segundo" => ("segundo", 2),
            "terceiro" => ("terceiro", 2),
            "ii" => ("segundo", 1),
            "iii" => ("terceiro", 1),
            "senior" | "snr" => ("senior", 1),
            "sr" => ("senior", 2),
            _ => return None,
        };
        Some(Self { spelling, other_words })
    }
}

fn is_title(folded: &str) -> bool {
    const TITLES: [&str; 47] = [
        "sr",
        "sra",
        "srta",
        "senhor",
        "senhora",
        "dr",
        "dra",
        "doutor",
        "doutora",
        "prof",
        "profa",
        "professor",
        "professora",
        "eng",
        "enga",
        "engo",
        "engenheiro",
        "exmo",
        "exma",
        "ilmo",
        "ilma",
        "dom",
        "dona",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mister",
        "sir",
        "rev",
        "reverendo",
        "padre",
        "frei",
        "pastor",
        "cel",
        "capt",
        "cap",
        "sgt",
        "maj",
        "ten",
        "adv",
        "arq",
        "mx",
        "mme",
        "mlle",
        "don",
        "lic",
    ];
    TITLES.contains(&folded)
}

/// The words of a person's name that are compared: folded, without particles, titles and generation words.
///
/// Meant to be kept and used for many names, so that its memory is.
#[derive(Debug, Clone, Default)]
pub struct PersonName {
    /// The words, a space behind each.
    text: String,
    given_names: Option<usize>,
    generation: Option<&'static str>,
}

impl PersonName {
    /// Reads a whole name in one text.
    pub fn read_full(&mut self, full_name: &str) {
        self.clear();
        self.add_words(described(full_name).unwrap_or(full_name));
        self.finish();
    }

    /// Reads a name that comes in parts; a part that is missing is empty. Middle names count as given names.
    pub fn read_parts(&mut self, given_name: &str, middle_name: &str, family_name: &str) {
        self.clear();
        self.add_words(given_name);
        self.add_words(middle_name);
        let given_names = self.words().count();
        self.add_words(family_name);
        // Titles stand before the given names, generation words behind all others: taking them off moves the border.
        let titles = self.finish();
        let words = self.words().count();
        self.given_names = (!given_name.is_empty() || !middle_name.is_empty() || !family_name.is_empty())
            .then(|| given_names.saturating_sub(titles).min(words));
    }

    /// The words in order.
    pub fn words(&self) -> impl Iterator<Item = &str> + Clone {
        self.text.split_terminator(' ')
    }

    /// How many of the words are given names, where the source tells.
    pub fn given_names(&self) -> Option<usize> {
        self.given_names
    }

    /// The generation word in its one spelling: `junior`, `filho`, `neto`, `sobrinho`, `segundo`, `terceiro`,
    /// `senior`.
    pub fn generation(&self) -> Option<&'static str> {
        self.generation
    }

    fn clear(&mut self) {
        self.text.clear();
        self.given_names = None;
        self.generation = None;
    }

    fn add_words(&mut self, name: &str) {
        let case_says_nothing = letter_case::says_nothing(name);
        for word in name.split_whitespace() {
            // `E.` and, in mixed case, `E` are initials; `e` links two family names.
            let initial = word.len() <= 2 && (word.ends_with('.') || (!case_says_nothing && word == "E"));
            if initial || !is_particle(word) {
                self.add_word(word);
            }
        }
    }

    fn add_word(&mut self, word: &str) {
        match word.split_once(['\'', '’', '`', '´']) {
            Some(("d" | "D", rest)) => self.add_folded(rest),
            // O'Brien and OBrien, Sant'Anna and Santanna are one word.
            Some((before, rest)) if !before.is_empty() && !rest.is_empty() => {
                self.add_folded(&format!("{before}{rest}"));
            }
            _ => self.add_folded(word),
        }
    }

    fn add_folded(&mut self, word: &str) {
        let start = self.text.len();
        fold_into(word, &mut self.text);
        if self.text.len() > start {
            self.text.push(' ');
        }
    }

    /// Takes titles off the front and a generation word off the end; says how many titles there were.
    fn finish(&mut self) -> usize {
        let mut titles = 0;
        while let Some((first, rest)) = self.text.split_once(' ') {
            if rest.is_empty() || !is_title(first) {
                break;
            }
            self.text.drain(..=first.len());
            titles += 1;
        }
        let words = self.words().count();
        if let Some(last) = self.words().last()
            && let Some(generation) = Generation::of(last)
            && words > generation.other_words
        {
            let kept = self.text.len() - last.len() - 1;
            self.text.truncate(kept);
            self.generation = Some(generation.spelling);
        }
        titles
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::shown;
    use proptest::prelude::*;

    #[test]
    fn names_are_shown_as_people_write_them() {
        let cases = [
            ("MARIA DA SILVA E SOUZA", "Maria da Silva e Souza"),
            ("maria  da silva", "Maria da Silva"),
            ("Maria DA Silva", "Maria DA Silva"),
            ("JOÃO D'ÁVILA", "João D'Ávila"),
            ("ANA-MARIA O'BRIEN", "Ana-Maria O'Brien"),
            ("J.P. SARTRE", "J.P. Sartre"),
            ("JOSE CARLOS III", "Jose Carlos III"),
            ("SILVA, Maria", "Maria SILVA"),
            ("SILVA, MARIA APARECIDA DA", "Maria Aparecida da Silva"),
            ("Silva Júnior, João", "João Silva Júnior"),
            ("João Silva, Jr.", "João Silva Jr."),
            ("Dra. ANA LIMA, Diretora", "Dra. ANA LIMA, Diretora"),
            ("Ana Lima, Gerente de Vendas", "Ana Lima, Gerente de Vendas"),
            ("John Smith, PhD", "John Smith, PhD"),
            ("Lima, Dra. Ana", "Dra. Ana Lima"),
            ("Silva,", "Silva"),
            ("McDonald", "McDonald"),
            ("田中", "田中"),
        ];
        for (raw, shown_name) in cases {
            assert_eq!(display(&shown(raw).0), shown_name, "{raw:?}");
        }
    }

    #[test]
    fn a_name_gives_its_words_and_its_generation() {
        let cases: [(&str, &str, Option<&str>); 23] = [
            ("Dra. Ana Lima, Diretora", "ana lima", None),
            ("Ana Lima Filho, Head of Sales", "ana lima", Some("filho")),
            ("Ms. Helen Lawler, Stores", "helen lawler", None),
            ("Maria da Silva e Souza", "maria silva souza", None),
            ("Dr. João Carlos de Almeida Filho", "joao carlos almeida", Some("filho")),
            ("Sr. Prof. José Neto", "jose neto", None),
            ("José da Silva Neto", "jose silva", Some("neto")),
            ("João Silva Jr.", "joao silva", Some("junior")),
            ("João Júnior", "joao", Some("junior")),
            ("Júnior", "junior", None),
            ("Carlos Segundo", "carlos segundo", None),
            ("John Smith III", "john smith", Some("terceiro")),
            ("John A. Smith Sr", "john a smith", Some("senior")),
            ("Maria D'Ávila", "maria avila", None),
            ("Ana Sant'Anna", "ana santanna", None),
            ("Sean O'Brien", "sean obrien", None),
            ("Maria E. Souza", "maria e souza", None),
            ("Maria E Souza", "maria e souza", None),
            ("MARIA E SOUZA", "maria souza", None),
            ("J.P. Silva", "j p silva", None),
            ("Dona", "dona", None),
            ("Ana Maria Null", "ana maria null", None),
            ("", "", None),
        ];
        let mut name = PersonName::default();
        for (full, words, generation) in cases {
            name.read_full(full);
            assert_eq!(name.words().collect::<Vec<_>>().join(" "), words, "{full}");
            assert_eq!(name.generation(), generation, "{full}");
            assert_eq!(name.given_names(), None);
        }
    }

    #[test]
    fn parts_tell_how_many_words_are_given_names() {
        let cases = [
            (("Maria Clara", "", "da Silva"), "maria clara silva", Some(2), None),
            (("Dra. Maria", "C.", "Souza Filho"), "maria c souza", Some(2), Some("filho")),
            (("Júnior", "", ""), "junior", Some(1), None),
            (("", "", "Silva"), "silva", Some(0), None),
            (("", "", ""), "", None, None),
        ];
        let mut name = PersonName::default();
        for ((given, middle, family), words, given_names, generation) in cases {
            name.read_parts(given, middle, family);
            assert_eq!(name.words().collect::<Vec<_>>().join(" "), words);
            assert_eq!((name.given_names(), name.generation()), (given_names, generation), "{words}");
        }
    }

    #[test]
    fn a_full_name_falls_into_given_and_family_name_and_what_is_between() {
        for (full, expected) in [
            ("Ana Paula de Souza Lima", ["Ana", "Paula de Souza", "Lima"]),
            ("João da Silva", ["João", "", "da Silva"]),
            ("João  Carlos dos Santos Filho", ["João", "Carlos", "dos Santos Filho"]),
            ("Dr. José Prado", ["José", "", "Prado"]),
            ("José Filho", ["José", "", "Filho"]),
            ("Dra. Ana de Lima, Diretora de Vendas", ["Ana", "", "de Lima"]),
            ("Ana", ["Ana", "", ""]),
            ("", ["", "", ""]),
        ] {
            assert_eq!(parts(full), expected, "{full}");
        }
    }

    proptest! {
        #[test]
        fn displaying_twice_is_displaying_once(raw in "\\PC{0,30}|[a-zA-Zà-ü ,.']{0,30}") {
            let clean = shown(&raw).0.into_owned();
            let once = display(&clean).into_owned();
            prop_assert_eq!(display(&once).into_owned(), once);
        }

        #[test]
        fn any_text_splits_without_panic(text in any::<String>(), other in any::<String>()) {
            let mut name = PersonName::default();
            name.read_parts(&text, &other, &text);
            prop_assert!(name.given_names().is_none_or(|n| n <= name.words().count()));
            prop_assert!(parts(&text).iter().all(|part| text.contains(part)));
        }
    }
}
