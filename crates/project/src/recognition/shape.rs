//! What the values of a column look like, counted.

use super::date_shape::{self, DateShape};
use super::header::without_accent;
use super::identifier::{is_cnpj, is_cpf, is_nif};
use vinculo_records::Standard;

/// How many values have which shape.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// How many values are not empty.
    pub(super) filled: usize,
    pub(super) email: usize,
    pub(super) website: usize,
    pub(super) cpf: usize,
    pub(super) cnpj: usize,
    pub(super) nif: usize,
    /// As many digits as a phone number has.
    pub(super) phone: usize,
    /// Phone numbers written as such: `+`, brackets or blanks between the digits.
    pub(super) written_phone: usize,
    pub(super) cep: usize,
    pub(super) portuguese_postal_code: usize,
    pub(super) other_postal_code: usize,
    pub(super) brazilian_region: usize,
    pub(super) sex: usize,
    /// Short, with a digit, as numbers of houses are.
    pub(super) house_number: usize,
    /// Letters, blanks and the marks that names have.
    pub(super) wordy: usize,
    one_word: usize,
    /// Whole numbers from 1 to 31.
    days: usize,
    /// Active, inactive, pending: the state of a record and not of a country.
    status: usize,
    /// Punctuated as a CPF or CNPJ is, whatever its check digits.
    written_tax_id: usize,
    /// Letters and digits without blanks, with a digit, and neither an address nor a date nor an amount.
    code: usize,
    pub(super) dates: DateShape,
    /// What separates several e-mail addresses in one cell.
    pub(super) separator: Option<char>,
}

/// How far the values of a column speak for an attribute.
pub(super) struct Evidence {
    /// The share of values that do, 0 to 1.
    pub(super) share: f64,
    /// The same in words.
    pub(super) text: String,
}

/// Attributes that values can tell without a header.
pub(super) const TELLING: [Standard; 6] =
    [Standard::TaxId, Standard::Email, Standard::Phone, Standard::Region, Standard::PostalCode, Standard::Website];

/// The share of cells with several e-mail addresses from which on the column is said to hold several.
const SEVERAL_MIN: f64 = 0.005;

impl Shapes {
    /// Counts the shapes of the values that are not empty.
    pub(super) fn of(values: &[String]) -> Self {
        let filled = || values.iter().map(|value| value.trim()).filter(|value| !value.is_empty());
        let mut shapes = Self { separator: separator_of(filled()), dates: date_shape::of(filled()), ..Self::default() };
        for value in filled() {
            shapes.count(value);
        }
        shapes
    }

    fn count(&mut self, value: &str) {
        self.filled += 1;
        let mut add = |is: bool, counter: fn(&mut Self) -> &mut usize| *counter(self) += usize::from(is);
        let code: Vec<u8> = value.bytes().filter(|c| !b" .-/".contains(c)).map(|c| c.to_ascii_uppercase()).collect();
        let digits = value.chars().filter(char::is_ascii_digit).count();
        let is_phone = (8..=15).contains(&digits) && value.chars().all(|c| c.is_ascii_digit() || "+()- .".contains(c));
        let folded: String = value.to_lowercase().chars().map(without_accent).collect();
        add(is_email(value), |s| &mut s.email);
        add(is_website(&folded), |s| &mut s.website);
        add(is_cpf(&code), |s| &mut s.cpf);
        add(is_cnpj(&code), |s| &mut s.cnpj);
        add(is_nif(&code), |s| &mut s.nif);
        add(is_phone, |s| &mut s.phone);
        add(is_phone && value.contains(['+', '(', ' ']), |s| &mut s.written_phone);
        add(matches_pattern(value, &["99999-999", "99.999-999"]), |s| &mut s.cep);
        add(matches_pattern(value, &["9999-999"]), |s| &mut s.portuguese_postal_code);
        add((3..=10).contains(&value.len()) && digits >= 3, |s| &mut s.other_postal_code);
        add(BRAZILIAN_REGIONS.contains(&value.to_ascii_uppercase().as_str()), |s| &mut s.brazilian_region);
        add(SEXES.contains(&folded.as_str()), |s| &mut s.sex);
        add(value.len() <= 8 && digits > 0 || folded == "s/n" || folded == "sn", |s| &mut s.house_number);
        add(value.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day)), |s| &mut s.days);
        add(STATUSES.contains(&folded.as_str()), |s| &mut s.status);
        add(matches_pattern(value, &["999.999.999-99", "99.999.999/9999-99"]), |s| &mut s.written_tax_id);
        add(is_code(value), |s| &mut s.code);
        let is_wordy = value.chars().all(|c| c.is_alphabetic() || " '.-,&/".contains(c));
        add(is_wordy, |s| &mut s.wordy);
        add(is_wordy && !value.contains(' '), |s| &mut s.one_word);
    }

    /// A share of the values that are not empty; 0 if there is none.
    pub(super) fn share(&self, count: usize) -> f64 {
        count as f64 / self.filled.max(1) as f64
    }

    /// Whether most values are one word, as given names are and whole names are not.
    pub(super) fn is_mostly_one_word(&self) -> bool {
        self.share(self.one_word) > 0.6
    }

    /// Whether all values are days of a month.
    pub(super) fn are_days(&self) -> bool {
        self.filled > 0 && self.days == self.filled
    }

    /// Whether nearly all values look like codes that a system gave out.
    pub(super) fn are_codes(&self) -> bool {
        self.share(self.code) > 0.95 && self.share(self.dates.count) < 0.5
    }

    /// Whether most values are tax identifiers, or are at least written as such.
    pub(super) fn are_tax_ids(&self) -> bool {
        self.filled == 0 || self.share((self.cpf + self.cnpj).max(self.nif).max(self.written_tax_id)) >= 0.5
    }

    /// How far the values speak for the attribute; nothing if values cannot tell, or if there are none.
    pub(super) fn evidence(&self, attribute: Standard) -> Option<Evidence> {
        let tax = [(self.cpf, "CPFs whose check digits hold"), (self.cnpj, "CNPJs whose check digits hold")];
        let (count, what) = match attribute {
            Standard::Email => (self.email, "e-mail addresses".to_owned()),
            Standard::Website => (self.website, "host names".to_owned()),
            Standard::Phone => (self.phone, "as long as phone numbers".to_owned()),
            Standard::TaxId if self.cpf > 0 && self.cnpj > 0 => {
                (self.cpf + self.cnpj, "CPFs or CNPJs whose check digits hold".to_owned())
            }
            Standard::TaxId => {
                let nif = (self.nif, "NIFs whose check digits hold");
                let (count, what) = tax.into_iter().chain([nif]).max_by_key(|(count, _)| *count)?;
                // Identifiers of other countries have no check digits here, which speaks neither for nor against.
                if self.share(count) < 0.1 {
                    return None;
                }
                (count, what.to_owned())
            }
            Standard::BirthDate => (self.dates.count, self.describe_dates()),
            Standard::Sex => (self.sex, "codes of a sex".to_owned()),
            Standard::Region if self.share(self.status) >= 0.5 => (0, "regions".to_owned()),
            Standard::Region if self.share(self.brazilian_region) >= 0.5 => {
                (self.brazilian_region, "Brazilian states".to_owned())
            }
            Standard::PostalCode if self.cep > 0 => (self.cep.max(self.other_postal_code), "postal codes".to_owned()),
            Standard::PostalCode => (self.other_postal_code, "short codes with digits".to_owned()),
            Standard::HouseNumber => (self.house_number, "short and have a digit".to_owned()),
            Standard::Name | Standard::FullName | Standard::GivenName | Standard::FamilyName | Standard::MotherName => {
                (self.wordy, "words".to_owned())
            }
            _ => return None,
        };
        (self.filled > 0).then(|| Evidence { share: self.share(count), text: self.tell(count, &what) })
    }

    /// "98 % of 1,000 values are …".
    fn tell(&self, count: usize, what: &str) -> String {
        format!("{} values are {what}", share(count, self.filled))
    }

    /// "dates in %d/%m/%Y".
    pub(super) fn describe_dates(&self) -> String {
        match (&self.dates.formats[..], &self.dates.ambiguous_with) {
            ([], _) => "dates in ISO form".to_owned(),
            ([format], Some(other)) => format!("dates in {format} or {other}, no value tells which"),
            (formats, _) => format!("dates in {}", formats.join(", ")),
        }
    }
}

/// How sure an attribute is by its values alone; nothing where they do not tell.
pub(super) fn confidence_without_header(attribute: Standard, shapes: &Shapes) -> Option<f64> {
    let enough = |count: usize, least: f64, sure: f64| {
        let share = shapes.share(count);
        (shapes.filled >= 5 && share >= least).then_some(share * sure)
    };
    match attribute {
        Standard::Email => enough(shapes.email, 0.7, 0.95),
        Standard::Website => enough(shapes.website, 0.8, 0.7),
        // A random number of the right length is a NIF once in eleven times, a CPF once in a hundred.
        Standard::TaxId => enough(shapes.cpf + shapes.cnpj, 0.7, 0.95).or_else(|| enough(shapes.nif, 0.9, 0.8)),
        Standard::Phone => enough(shapes.written_phone, 0.8, 0.7),
        Standard::PostalCode => enough(shapes.cep + shapes.portuguese_postal_code, 0.8, 0.8),
        Standard::Region => enough(shapes.brazilian_region, 0.95, 0.7),
        _ => None,
    }
}

const BRAZILIAN_REGIONS: [&str; 27] = [
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR", "RJ",
    "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
];

const STATUSES: [&str; 18] = [
    "a",
    "i",
    "activa",
    "activo",
    "active",
    "ativa",
    "ativo",
    "baja",
    "bloqueado",
    "cancelado",
    "closed",
    "inactive",
    "inactivo",
    "inativa",
    "inativo",
    "open",
    "pendente",
    "pending",
];

const SEXES: [&str; 14] = [
    "f",
    "m",
    "x",
    "fem",
    "masc",
    "feminino",
    "masculino",
    "female",
    "male",
    "mulher",
    "homem",
    "mujer",
    "hombre",
    "femenino",
];

/// `4711`, `C-0815`, `01/0001`: what a system gives out and nobody says.
fn is_code(value: &str) -> bool {
    let is_amount = value.split_once(',').or_else(|| value.split_once('.')).is_some_and(|(_, cents)| cents.len() <= 2);
    value.len() <= 40
        && !is_amount
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:#".contains(&byte))
}

fn is_email(value: &str) -> bool {
    let all = |separator: char| value.split(separator).map(str::trim).filter(|part| !part.is_empty());
    all(';').flat_map(|part| part.split(',')).all(|part| {
        part.trim().split_once('@').is_some_and(|(local, domain)| {
            let is_plain = |text: &str| !text.is_empty() && !text.contains(['@', ' ']);
            is_plain(local) && is_plain(domain) && domain.contains('.')
        })
    })
}

/// What separates the addresses in cells that hold several.
fn separator_of<'v>(values: impl Iterator<Item = &'v str>) -> Option<char> {
    const SEPARATORS: [char; 4] = [';', ',', '|', '/'];
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut total = 0;
    for value in values {
        total += 1;
        for (separator, count) in SEPARATORS.iter().zip(&mut counts) {
            let parts = value.split(*separator).map(str::trim).filter(|part| !part.is_empty());
            *count += usize::from(parts.clone().count() > 1 && parts.clone().all(is_email));
        }
    }
    let (separator, count) = SEPARATORS.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count)?;
    (count > 0 && count as f64 >= SEVERAL_MIN * f64::from(total)).then_some(separator)
}

fn is_website(folded: &str) -> bool {
    let host = folded.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    let parts: Vec<&str> = host.split('.').collect();
    let is_label = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
    parts.len() >= 2
        && parts.iter().all(is_label)
        && parts.last().is_some_and(|top| top.len() >= 2 && top.chars().all(char::is_alphabetic))
}

/// Whether the value has one of these shapes; `9` stands for any digit.
fn matches_pattern(value: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| {
        pattern.len() == value.len()
            && value.bytes().zip(pattern.bytes()).all(|(v, p)| if p == b'9' { v.is_ascii_digit() } else { v == p })
    })
}

/// "98 % of 1,000", or "3 of 7" where there are few; never rounded up to all or down to none.
pub(super) fn share(count: usize, of: usize) -> String {
    if of < FEW {
        return format!("{count} of {of}");
    }
    let percent = match count * 200 / of {
        _ if count == 0 => 0,
        _ if count >= of => 100,
        twice => twice.div_ceil(2).clamp(1, 99),
    };
    format!("{percent} % of {}", thousands(of))
}

/// Below so many values a share in percent says more than is known.
const FEW: usize = 20;

/// "1,000".
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(values: &[&str]) -> Shapes {
        Shapes::of(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn shapes_are_counted_over_values_that_are_there() {
        let found = shapes(&["ana@a.com", " ", "", "b@c", "x@y.pt;z@w.pt"]);
        assert_eq!((found.filled, found.email, found.separator), (3, 2, Some(';')));
        assert_eq!(shapes(&["529.982.247-25", "52998224725", "52998224700"]).cpf, 2);
        assert_eq!(shapes(&["11.222.333/0001-81", "12.abc.345/01de-35"]).cnpj, 2);
        assert_eq!(shapes(&["(11) 98765-4321", "+351 912 345 678", "123"]).written_phone, 2);
        assert_eq!(shapes(&["01310-100", "1000-205"]).cep, 1);
        assert_eq!(shapes(&["sp", "RJ", "XX"]).brazilian_region, 2);
        assert_eq!(shapes(&["F", "masculino", "?"]).sex, 2);
        assert_eq!(shapes(&["www.a.com.br", "https://b.pt/x", "1.5", "Sr. Ana"]).website, 2);
        assert_eq!(shapes(&["12", "s/n", "12-B", "rua"]).house_number, 3);
    }

    #[test]
    fn shares_are_told_without_rounding_to_all_or_none() {
        let cases =
            [(999, 1000, "99 % of 1,000"), (1, 1000, "1 % of 1,000"), (1000, 1000, "100 % of 1,000"), (2, 3, "2 of 3")];
        for (count, of, told) in cases {
            assert_eq!(share(count, of), told);
        }
        assert_eq!((thousands(7), thousands(1_234_567)), ("7".into(), "1,234,567".into()));
    }
}
