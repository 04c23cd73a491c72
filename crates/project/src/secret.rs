//! Keeps secrets out of what is shown and recorded.

/// Words in the name of a key whose value is a secret.
const SECRET_KEYS: [&str; 7] = ["password", "passwd", "secret", "token", "api_key", "private_key", "credential"];

/// What is recorded instead of a secret that stands in the file itself.
pub(crate) const MASK: &str = "***";

/// Whether the value of a key of this name is a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    SECRET_KEYS.iter().any(|word| key.contains(word))
}

/// The text with the passwords of all URLs in it (`scheme://user:password@host`) masked.
pub(crate) fn mask_urls(text: &str) -> String {
    mask_passwords(text, |_| MASK.to_owned())
}

/// A line of the file as it may be shown: secrets are as many asterisks, so that columns stay where they are.
pub(crate) fn mask_line(line: &str) -> String {
    let stars = |secret: &str| "*".repeat(secret.chars().count());
    let masked = mask_passwords(line, stars);
    let Some((key, value)) = masked.split_once(':') else {
        return masked;
    };
    if !is_secret_key(key) || value.trim_start().starts_with("${") {
        return masked;
    }
    let start = value.len() - value.trim_start().len();
    format!("{key}:{}{}", &value[..start], stars(&value[start..]))
}

fn mask_passwords(text: &str, mask: impl Fn(&str) -> String) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (scheme, after) = rest.split_at(at + 3);
        shown.push_str(scheme);
        rest = after;
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | '?')).unwrap_or(rest.len());
        let password = rest[..end].rfind('@').and_then(|host| Some((rest[..host].find(':')? + 1, host)));
        if let Some((from, to)) = password.filter(|(from, to)| !rest[*from..*to].starts_with("${")) {
            shown.push_str(&rest[..from]);
            shown.push_str(&mask(&rest[from..to]));
            rest = &rest[to..];
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_are_masked() {
        let cases = [
            ("postgres://ana:pass@db/loja", "postgres://ana:***@db/loja"),
            ("postgres://ana:p@ss@db/loja", "postgres://ana:***@db/loja"),
            ("postgres://ana@db/loja", "postgres://ana@db/loja"),
            ("${URL:-postgres://ana:pass@db}", "${URL:-postgres://ana:***@db}"),
            ("postgres://ana:${PASSWORD}@db", "postgres://ana:${PASSWORD}@db"),
            ("https://site/a:b@c", "https://site/a:b@c"),
            ("a://b:c@d e://f:g@h", "a://b:***@d e://f:***@h"),
        ];
        for (text, shown) in cases {
            assert_eq!(mask_urls(text), shown);
        }
    }

    #[test]
    fn a_line_with_a_secret_keeps_its_columns() {
        assert_eq!(mask_line("    api_key: abc d"), "    api_key: *****");
        assert_eq!(mask_line("    api_key: ${KEY}"), "    api_key: ${KEY}");
        assert_eq!(mask_line("    url: ftp://a:bcd@e # x"), "    url: ftp://a:***@e # x");
        assert_eq!(mask_line("    key: id"), "    key: id");
    }
}
