//! Short forms of the words in addresses, by where they stand.

/// Short forms and what each is short for.
pub(super) struct Spellings {
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

    /// Whether a word is one of the short forms, or what one is short for.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.written.iter().any(|(written, spelling)| *written == word || *spelling == word)
    }

    pub(super) fn of<'a>(&self, word: &'a str) -> &'a str {
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
pub(super) const TYPES_IN_FRONT: Spellings = Spellings::new(&[
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
pub(super) const TYPES_AT_THE_END: Spellings = Spellings::new(&[
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
pub(super) const INSIDE: Spellings = Spellings::new(&[
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
pub(super) const WHEREABOUTS: Spellings = Spellings::new(&[
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
pub(super) const DIRECTIONS: [&str; 8] = ["n", "s", "e", "w", "ne", "nw", "se", "sw"];

pub(super) const IN_COMPLEMENTS: Spellings = Spellings::new(&[
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
