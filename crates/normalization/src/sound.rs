//! Phonetic keys that fit Portuguese as well as English: words that sound alike have equal keys.
//!
//! The rules are our own. Consonants: LH → LI, NH → NI, CH/SH/X → X, PH → F, TH → T, W → V, C/K/QU → K, G and J
//! before E and I → J, S/Z/Ç/SC/TZ → S, H is mute, M before a consonant or at the end → N, double letters count once.
//! Vowels stay, since Portuguese names differ by them (Mário, Maria), in three classes: A, E/I/Y, O/U; EI and OU are
//! one vowel, a final E is mute, a final ÃO or AM is AN. A key is upper case.

/// The sound of one folded word. A word with letters beyond `a` to `z` is its own key.
pub fn key(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    key_into(word, &mut out);
    out
}

/// Writes the sound of one folded word behind what `out` already holds.
pub fn key_into(word: &str, out: &mut String) {
    let bytes = word.as_bytes();
    if !bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        out.push_str(word);
        return;
    }
    let mut sound = Sound { out, last: 0 };
    let start = sound.out.len();
    let mut at = 0;
    while at < bytes.len() {
        let spelling = Spelling { bytes, at };
        at += if is_vowel(bytes[at]) { spelling.vowel(&mut sound) } else { spelling.consonant(&mut sound) };
    }
    if out.len() == start {
        // Mute letters only, such as a lone H: the word stands for itself.
        out.extend(word.chars().map(|c| c.to_ascii_uppercase()));
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// The key that is being written; equal neighbors count once.
struct Sound<'a> {
    out: &'a mut String,
    last: u8,
}

impl Sound<'_> {
    fn emit(&mut self, sounds: &[u8]) {
        for &sound in sounds {
            if sound != self.last || sound.is_ascii_digit() {
                self.out.push(sound as char);
                self.last = sound;
            }
        }
    }
}

/// A place in a word, seen from which the rules read on.
#[derive(Clone, Copy)]
struct Spelling<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Spelling<'_> {
    fn rest_is(self, rest: &[u8]) -> bool {
        &self.bytes[self.at..] == rest
    }

    fn starts(self, with: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(with)
    }

    /// The letter `ahead` places on; 0 behind the end.
    fn ahead(self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn before(self) -> u8 {
        self.at.checked_sub(1).map_or(0, |at| self.bytes[at])
    }

    /// Whether the letter `ahead` places on makes C and G soft.
    fn softens(self, ahead: usize) -> bool {
        matches!(self.ahead(ahead), b'e' | b'i' | b'y')
    }

    /// Writes the sound of the vowel here, and says how many letters it took.
    fn vowel(self, sound: &mut Sound<'_>) -> usize {
        if self.rest_is(b"ao") || self.rest_is(b"am") {
            sound.emit(b"AN");
            return 2;
        }
        match self.bytes[self.at] {
            b'e' if self.at > 0 && self.ahead(1) == 0 => 1,
            b'e' if matches!(self.ahead(1), b'i' | b'y') => {
                sound.emit(b"I");
                2
            }
            b'o' if self.ahead(1) == b'u' || (self.ahead(1) == b'w' && !is_vowel(self.ahead(2))) => {
                sound.emit(b"U");
                2
            }
            b'a' => {
                sound.emit(b"A");
                1
            }
            b'o' | b'u' => {
                sound.emit(b"U");
                1
            }
            _ => {
                sound.emit(b"I");
                1
            }
        }
    }

    /// Writes the sound of the consonant or digit here, and says how many letters it took.
    fn consonant(self, sound: &mut Sound<'_>) -> usize {
        let (sounds, taken): (&[u8], usize) = match self.bytes[self.at] {
            b'c' => self.c(),
            b'g' => self.g(),
            b'q' if self.ahead(1) == b'u' && self.softens(2) => (b"K", 2),
            b'q' | b'k' if self.at == 0 && self.ahead(1) == b'n' => (b"N", 2),
            b'q' | b'k' => (b"K", 1),
            b's' => self.s(),
            b'z' => (b"S", 1),
            b't' if self.ahead(1) == b'z' => (b"S", 2),
            b't' if self.ahead(1) == b'h' => (b"T", 2),
            b'x' if self.ahead(1) == 0 => (b"KS", 1),
            b'x' if self.ahead(1) == b'c' && self.softens(2) => (b"S", 2),
            b'x' if self.ahead(1) == b's' => (b"X", 2),
            b'x' => (b"X", 1),
            b'p' => self.p(),
            b'l' if self.ahead(1) == b'h' => (b"LI", 2),
            b'n' if self.ahead(1) == b'h' => (b"NI", 2),
            b'm' if !is_vowel(self.ahead(1)) && self.ahead(1) != b'm' => (b"N", 1),
            b'd' if self.at == 0 && self.ahead(1) == b'j' => (b"J", 2),
            b'w' => self.w(),
            b'h' => (b"", 1),
            b'b' => (b"B", 1),
            b'd' => (b"D", 1),
            b'f' => (b"F", 1),
            b'j' => (b"J", 1),
            b'l' => (b"L", 1),
            b'm' => (b"M", 1),
            b'n' => (b"N", 1),
            b'r' => (b"R", 1),
            b't' => (b"T", 1),
            b'v' => (b"V", 1),
            _ => (&self.bytes[self.at..=self.at], 1),
        };
        sound.emit(sounds);
        taken
    }

    fn c(self) -> (&'static [u8], usize) {
        match self.ahead(1) {
            b'h' if matches!(self.ahead(2), b'r' | b'l') => (b"K", 2),
            b'h' => (b"X", 2),
            b'k' => (b"K", 2),
            // Victor and Vitor, Victoria and Vitoria.
            b't' if self.at > 0 => (b"", 1),
            _ if self.softens(1) || self.has_lost_its_cedilla() => (b"S", 1),
            _ => (b"K", 1),
        }
    }

    /// Folding takes the cedilla off a Ç. Endings and stems of common names tell where one stood.
    fn has_lost_its_cedilla(self) -> bool {
        const STEMS: [(&[u8], usize); 9] = [
            (b"goncal", 3),
            (b"lourenco", 6),
            (b"mendonca", 6),
            (b"braganca", 6),
            (b"valenca", 5),
            (b"assunca", 5),
            (b"conceica", 6),
            (b"encarnaca", 7),
            (b"anunciaca", 7),
        ];
        self.rest_is(b"cao")
            || self.rest_is(b"coes")
            || STEMS.iter().any(|(stem, at)| self.at == *at && self.bytes.starts_with(stem))
    }

    fn g(self) -> (&'static [u8], usize) {
        match self.ahead(1) {
            b'h' if is_vowel(self.ahead(2)) => (b"G", 2),
            b'h' => (b"", 2),
            b'u' if self.softens(2) => (b"G", 2),
            // Ignacio and Inacio.
            b'n' => (b"", 1),
            _ if self.softens(1) => (b"J", 1),
            _ => (b"G", 1),
        }
    }

    fn s(self) -> (&'static [u8], usize) {
        if self.starts(b"sch") {
            (b"X", 3)
        } else if self.ahead(1) == b'h' {
            (b"X", 2)
        } else if self.ahead(1) == b'c' && self.softens(2) {
            (b"S", 2)
        } else {
            (b"S", 1)
        }
    }

    fn p(self) -> (&'static [u8], usize) {
        match self.ahead(1) {
            b'h' => (b"F", 2),
            // Baptista and Batista.
            b't' if self.at > 0 => (b"", 1),
            _ => (b"P", 1),
        }
    }

    fn w(self) -> (&'static [u8], usize) {
        match self.ahead(1) {
            b'r' if self.at == 0 => (b"", 1),
            b'h' => (b"V", 2),
            // Behind a vowel and not before one it is half a vowel itself: Matthew.
            ahead if is_vowel(self.before()) && !is_vowel(ahead) => (b"U", 1),
            _ => (b"V", 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;
    use proptest::prelude::*;

    fn sound(word: &str) -> String {
        key(&fold(word))
    }

    #[test]
    fn spellings_of_one_name_sound_alike() {
        let groups: &[&[&str]] = &[
            &["Thiago", "Tiago"],
            &["Walter", "Valter"],
            &["Souza", "Sousa", "Soussa"],
            &["Luiz", "Luis", "Luís"],
            &["Felipe", "Phelipe", "Fellipe", "Philip", "Filipe", "Phillip"],
            &["Chaves", "Xaves"],
            &["Catherine", "Katherine", "Katerine"],
            &["Smith", "Smyth"],
            &["Gonçalves", "Goncalves", "GONSALVES"],
            &["Lourenço", "Lourenso"],
            &["Conceição", "Conceicao", "Conseisão"],
            &["Assunção", "Assuncao", "Asunsão"],
            &["João", "Joam", "Joao"],
            &["Joaquim", "Joaquin"],
            &["Antônio", "Antonio", "Antonho"],
            &["Júlio", "Julho"],
            &["Guilherme", "Guilerme", "Guillerme"],
            &["Cristina", "Christina", "Kristina"],
            &["Cristiane", "Christiane", "Kristiane"],
            &["Elizabeth", "Elisabete", "Elisabeth", "Elizabete"],
            &["Izabel", "Isabel", "Isabelle"],
            &["Teresa", "Thereza", "Tereza"],
            &["Matheus", "Mateus", "Mateuz"],
            &["Raphael", "Rafael"],
            &["Manoel", "Manuel"],
            &["Geraldo", "Jeraldo"],
            &["Victor", "Vitor"],
            &["Baptista", "Batista"],
            &["Yuri", "Iuri"],
            &["Yvone", "Ivone", "Ivonne"],
            &["Hélio", "Élio"],
            &["Helena", "Elena"],
            &["Queiroz", "Queiros", "Keiroz"],
            &["Ignácio", "Inácio"],
            &["Djalma", "Jalma"],
            &["Campos", "Canpos"],
            &["Mello", "Melo"],
            &["Marcos", "Marcus"],
            &["Caio", "Kaio"],
            &["Carlos", "Karlos"],
            &["Wagner", "Vagner"],
            &["Alexsandro", "Alexandro"],
            &["Schultz", "Schulz", "Shulz"],
            &["Michelle", "Michele", "Michel"],
            &["Nascimento", "Nasimento", "Nacimento"],
            &["Sara", "Sarah"],
            &["Jon", "John"],
            &["Mathew", "Matthew"],
            &["Brown", "Broun"],
            &["Wright", "Write", "Rite"],
            &["Knight", "Nite"],
            &["Denise", "Denize"],
            &["Bryan", "Brian"],
        ];
        for group in groups {
            for name in &group[1..] {
                assert_eq!(sound(group[0]), sound(name), "{} and {name}", group[0]);
            }
        }
    }

    #[test]
    fn different_names_sound_different() {
        let pairs = [
            ("Mário", "Maria"),
            ("Paulo", "Paula"),
            ("Joana", "João"),
            ("Ana", "Ane"),
            ("Silva", "Selvagem"),
            ("Rosa", "Rocha"),
            ("Costa", "Castro"),
            ("Lima", "Luma"),
            ("Santos", "Santana"),
            ("Dias", "Diana"),
            ("Neves", "Nunes"),
            ("Pedro", "Pietro"),
            ("Barros", "Barreto"),
            ("Marina", "Mariana"),
            ("Carla", "Clara"),
            ("Fábio", "Flávio"),
            ("Vera", "Fera"),
            ("Gustavo", "Augusto"),
            ("Luz", "Luci"),
            ("Smith", "Schmidt"),
            ("Brown", "Bruna"),
            ("Taylor", "Tyler"),
            ("Tomas", "Damas"),
        ];
        for (left, right) in pairs {
            assert_ne!(sound(left), sound(right), "{left} and {right}");
        }
    }

    #[test]
    fn a_word_always_has_a_sound() {
        for word in ["h", "e", "hh", "2", "мария", "田中", "y", "w", "gh"] {
            assert!(!key(word).is_empty(), "{word}");
        }
        assert_eq!(key("мария"), "мария");
        assert_eq!(key("1100"), "1100");
    }

    proptest! {
        #[test]
        fn any_word_has_a_key_and_double_letters_do_not_change_it(word in "[a-z]{1,12}", at in 0_usize..12) {
            let key_of_word = key(&word);
            prop_assert!(!key_of_word.is_empty());
            let doubled = word.char_indices().fold(String::new(), |mut out, (i, c)| {
                out.push(c);
                if i == at && matches!(c, 'b' | 'f' | 'l' | 'r') && !word[i + 1..].starts_with('h') {
                    out.push(c);
                }
                out
            });
            prop_assert_eq!(key(&doubled), key_of_word);
        }
    }
}
