//! Names of organizations: the words that are compared, and the legal form.

use crate::fold::fold_into;

mod legal_form;

pub(crate) use legal_form::is_unmistakable;
use legal_form::{PHRASE_WORDS_MAX, Place, legal_form, legal_form_of_phrase};

/// The words of an organization's name that are compared: folded, without legal forms and connectives, single letters
/// joined (`N. V.` is `nv`).
///
/// Meant to be kept and used for many names, so that its memory is.
#[derive(Debug, Clone, Default)]
pub struct CompanyName {
    core: String,
    legal_forms: Vec<&'static str>,
    words: Words,
}

impl CompanyName {
    /// Reads a name in its shown form.
    pub fn read(&mut self, name: &str) {
        self.core.clear();
        self.legal_forms.clear();
        self.words.read(name);
        self.words.join_single_letters();
        self.take_legal_forms();
        self.words.drop_connectives();
        self.words.join_into(&mut self.core);
    }

    /// The words with single spaces between them.
    pub fn core(&self) -> &str {
        &self.core
    }

    /// The legal forms, each in its one spelling, in the order of the name.
    pub fn legal_forms(&self) -> &[&'static str] {
        &self.legal_forms
    }

    /// Legal forms stand at the end, a few at the front, the unmistakable ones anywhere; a name of nothing else stays.
    fn take_legal_forms(&mut self) {
        let mut end = self.words.len();
        while end > 1 {
            let found = (2..=PHRASE_WORDS_MAX)
                .rev()
                .filter(|count| *count < end)
                .find_map(|count| Some((count, legal_form_of_phrase(self.words.phrase(end - count..end))?)))
                .or_else(|| Some((1, legal_form(self.words.get(end - 1), Place::End)?)));
            let Some((count, form)) = found else { break };
            self.words.remove(end - count..end);
            self.legal_forms.push(form);
            end -= count;
        }
        for place in (1..self.words.len()).rev() {
            if let Some(form) = legal_form(self.words.get(place), Place::Anywhere) {
                self.words.remove(place..place + 1);
                self.legal_forms.push(form);
            }
        }
        let words = self.words.len();
        let at_front = (2..=PHRASE_WORDS_MAX)
            .rev()
            .filter(|count| *count < words)
            .find_map(|count| Some((count, legal_form_of_phrase(self.words.phrase(0..count))?)))
            .or_else(|| {
                (words > 1).then(|| legal_form(self.words.get(0), Place::Front)).flatten().map(|form| (1, form))
            });
        if let Some((count, form)) = at_front {
            self.words.remove(0..count);
            self.legal_forms.push(form);
        }
        self.legal_forms.reverse();
        self.legal_forms.retain(|form| !form.is_empty());
    }
}

/// Words in one text, each with the place where it stands.
#[derive(Debug, Clone, Default)]
struct Words {
    text: String,
    places: Vec<(u32, u32)>,
    phrase: String,
}

impl Words {
    fn read(&mut self, name: &str) {
        self.text.clear();
        self.places.clear();
        for token in name.split_whitespace() {
            // O'Brien and OBrien are one word, `S/A` and `S.A.` are letters.
            let start = self.text.len();
            for part in token.split(['\'', '’', '`', '´']) {
                fold_into(part, &mut self.text);
            }
            let mut at = start;
            for word in self.text[start..].split(' ') {
                if !word.is_empty() {
                    self.places.push((at as u32, (at + word.len()) as u32));
                }
                at += word.len() + 1;
            }
            self.text.push(' ');
        }
    }

    fn len(&self) -> usize {
        self.places.len()
    }

    fn get(&self, n: usize) -> &str {
        let (start, end) = self.places[n];
        &self.text[start as usize..end as usize]
    }

    fn phrase(&mut self, range: std::ops::Range<usize>) -> &str {
        let mut phrase = std::mem::take(&mut self.phrase);
        phrase.clear();
        for n in range {
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(self.get(n));
        }
        self.phrase = phrase;
        &self.phrase
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.places.drain(range);
    }

    /// Joins runs of single letters into words. The connective `e` between two words is no letter of theirs.
    fn join_single_letters(&mut self) {
        let is_single = |words: &Self, n: usize| n < words.len() && words.get(n).chars().nth(1).is_none();
        let mut n = 0;
        while n < self.len() {
            let run = (n..).take_while(|m| is_single(self, *m)).count();
            let connective = run == 1 && self.get(n) == "e" && n > 0;
            if run > 1 {
                let start = self.text.len();
                for letter in n..n + run {
                    let (from, to) = self.places[letter];
                    self.text.extend_from_within(from as usize..to as usize);
                }
                let end = self.text.len();
                self.text.push(' ');
                self.places.splice(n..n + run, [(start as u32, end as u32)]);
            } else if connective {
                self.remove(n..n + 1);
                continue;
            }
            n += 1;
        }
    }

    fn drop_connectives(&mut self) {
        const CONNECTIVES: [&str; 14] =
            ["e", "and", "und", "et", "y", "of", "the", "de", "da", "do", "das", "dos", "del", "du"];
        let is_connective = |words: &Self, n: usize| CONNECTIVES.contains(&words.get(n));
        if (0..self.len()).all(|n| is_connective(self, n)) {
            return;
        }
        for n in (0..self.len()).rev() {
            if is_connective(self, n) {
                self.remove(n..n + 1);
            }
        }
    }

    fn join_into(&self, out: &mut String) {
        for n in 0..self.len() {
            if n > 0 {
                out.push(' ');
            }
            out.push_str(self.get(n));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_company_name_gives_its_core_and_its_legal_forms() {
        let cases: [(&str, &str, &[&str]); 36] = [
            ("Padaria Silva Ltda", "padaria silva", &["ltda"]),
            ("PADARIA SILVA LTDA - ME", "padaria silva", &["ltda", "me"]),
            ("Silva & Souza Comércio Ltda.", "silva souza comercio", &["ltda"]),
            ("Silva e Souza Comércio LTDA", "silva souza comercio", &["ltda"]),
            ("Petróleo Brasileiro S.A.", "petroleo brasileiro", &["sa"]),
            ("Petróleo Brasileiro S/A", "petroleo brasileiro", &["sa"]),
            ("Petróleo Brasileiro Sociedade Anônima", "petroleo brasileiro", &["sa"]),
            ("João da Silva EIRELI", "joao silva", &["eireli"]),
            ("Mercado Bom Preço EPP", "mercado bom preco", &["epp"]),
            ("Mercado Bom Preço Empresa de Pequeno Porte", "mercado bom preco", &["epp"]),
            ("Café Lisboa, Unipessoal Lda", "cafe lisboa", &["unipessoal", "lda"]),
            ("Café Lisboa Sociedade Unipessoal, Lda.", "cafe lisboa", &["unipessoal", "lda"]),
            ("Philips Electronics N. V.", "philips electronics", &["nv"]),
            ("KONINKLIJKE PHILIPS N.V.", "koninklijke philips", &["nv"]),
            ("Siemens Aktiengesellschaft", "siemens", &["ag"]),
            ("Müller GmbH & Co. KG", "muller", &["gmbh", "co", "kg"]),
            ("Toyota Motor Co., Ltd.", "toyota motor", &["co", "ltd"]),
            ("BHP Billiton Pty Ltd", "bhp billiton", &["pty", "ltd"]),
            ("Apple Inc.", "apple", &["inc"]),
            ("Fiat S.p.A.", "fiat", &["spa"]),
            ("Novo Nordisk A/S", "novo nordisk", &["as"]),
            ("Grupo Bimbo S.A. de C.V.", "grupo bimbo", &["sa"]),
            ("Bimbo S. de R.L. de C.V.", "bimbo", &["srl"]),
            ("Rosneft OJSC", "rosneft", &["jsc"]),
            ("Open Joint-Stock Company Rosneft", "rosneft", &["jsc"]),
            ("Sociedade Simples Silva Advogados", "silva advogados", &["ss"]),
            ("SARL Dupont", "dupont", &["sarl"]),
            ("Silva & Cia Ltda", "silva", &["cia", "ltda"]),
            ("Cia Brasileira de Distribuição", "cia brasileira distribuicao", &[]),
            ("Silva Ltda - Filial 2", "silva filial 2", &["ltda"]),
            ("Oi S.A. - Em Recuperação Judicial", "oi", &["sa"]),
            ("A. B. C. Comércio", "abc comercio", &[]),
            ("M&M Transportes", "mm transportes", &[]),
            ("SA", "sa", &[]),
            ("The Company of the Hills", "company hills", &[]),
            ("", "", &[]),
        ];
        let mut name = CompanyName::default();
        for (raw, core, forms) in cases {
            name.read(raw);
            assert_eq!((name.core(), name.legal_forms()), (core, forms), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_without_panic(text in "\\PC{0,30}|([a-e]{1,2}[ .]){0,8}|((s|a|e|co|ltda|de|sa|cv|me) ){0,6}") {
            let mut name = CompanyName::default();
            name.read(&text);
            let core = name.core().to_owned();
            prop_assert!(!core.contains("  ") && core.trim() == core);
            prop_assert_eq!(core.is_empty(), crate::fold::fold(&text).is_empty());
        }
    }
}
