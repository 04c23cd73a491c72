//! Websites, as a bare host name.

use crate::email::is_domain;
use std::borrow::Cow;
use vinculo_records::Flag;

/// The host of a website without `www.`, in lower case and ASCII; what is no host name keeps its text.
pub fn normalize(shown: &str, out: &mut String) -> Option<Flag> {
    let lower = shown.to_lowercase();
    let host = host_of(&lower);
    let host = if host.is_ascii() {
        Cow::Borrowed(host)
    } else {
        idna::domain_to_ascii(host).map_or(Cow::Borrowed(host), Cow::Owned)
    };
    if is_domain(&host) {
        out.push_str(&host);
        None
    } else {
        out.push_str(&lower);
        Some(Flag::InvalidWebsite)
    }
}

/// What stands between scheme, user and `www.` on one side and port, path and question on the other.
fn host_of(url: &str) -> &str {
    let rest = ["https://", "http://", "//"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
    let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let mut bare = host;
    while let Some(rest) = bare.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        bare = rest;
    }
    bare
}

/// The part of a host name that somebody registered: `loja.com.br` of `blog.loja.com.br`. Nothing for hosts that lend
/// their name to many: social networks, mail providers, builders of websites.
pub fn registrable_part(host: &str) -> Option<&str> {
    const SHARED: [&str; 28] = [
        "facebook.com",
        "fb.com",
        "fb.me",
        "instagram.com",
        "linkedin.com",
        "twitter.com",
        "x.com",
        "youtube.com",
        "tiktok.com",
        "linktr.ee",
        "wa.me",
        "whatsapp.com",
        "t.me",
        "google.com",
        "goo.gl",
        "bit.ly",
        "wixsite.com",
        "blogspot.com",
        "wordpress.com",
        "gmail.com",
        "hotmail.com",
        "outlook.com",
        "yahoo.com",
        "yahoo.com.br",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "ig.com.br",
    ];
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (top_dot, second_dot) = (dots.next()?, dots.next());
    let top = &host[top_dot + 1..];
    let second = &host[second_dot.map_or(0, |at| at + 1)..top_dot];
    let start = match (is_public_second_level(second) && top.len() == 2, second_dot) {
        (true, Some(_)) => dots.next().map_or(0, |at| at + 1),
        (true, None) => return None,
        (false, second_dot) => second_dot.map_or(0, |at| at + 1),
    };
    let registrable = &host[start..];
    (!SHARED.contains(&registrable)).then_some(registrable)
}

/// Names below a country's domain under which others register: `com.br`, `co.uk`, `gov.pt`.
fn is_public_second_level(label: &str) -> bool {
    const LABELS: [&str; 26] = [
        "com", "co", "net", "org", "gov", "edu", "ac", "mil", "ind", "adv", "eng", "med", "art", "tur", "coop", "srv",
        "inf", "eco", "blog", "ltd", "plc", "nom", "jus", "leg", "mp", "or",
    ];
    LABELS.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(raw: &str) -> (String, Option<Flag>) {
        let mut out = String::new();
        let flag = normalize(raw, &mut out);
        (out, flag)
    }

    #[test]
    fn websites_are_bare_hosts() {
        let cases = [
            ("https://www.Loja.com.br/contato?x=1", "loja.com.br", None),
            ("WWW.LOJA.COM.BR", "loja.com.br", None),
            ("loja.com.br:8080", "loja.com.br", None),
            ("http://user@loja.com.br", "loja.com.br", None),
            ("www.açaí.com.br", "xn--aa-4iaz.com.br", None),
            ("www.com", "www.com", None),
            ("javascript:alert(1)", "javascript:alert(1)", Some(Flag::InvalidWebsite)),
            ("loja", "loja", Some(Flag::InvalidWebsite)),
            ("http://127.0.0.1/", "http://127.0.0.1/", Some(Flag::InvalidWebsite)),
        ];
        for (raw, host, flag) in cases {
            assert_eq!(normalized(raw), (host.to_owned(), flag), "{raw}");
        }
    }

    #[test]
    fn the_registrable_part_is_what_somebody_owns() {
        let cases = [
            ("blog.loja.com.br", Some("loja.com.br")),
            ("loja.com.br", Some("loja.com.br")),
            ("shop.example.co.uk", Some("example.co.uk")),
            ("a.b.loja.pt", Some("loja.pt")),
            ("loja.com", Some("loja.com")),
            ("com.br", None),
            ("m.facebook.com", None),
            ("loja", None),
        ];
        for (host, registrable) in cases {
            assert_eq!(registrable_part(host), registrable, "{host}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(raw in "\\PC{0,20}|(http://)?(www\\.){0,2}[a-zA-Zé-]{1,8}(\\.[a-z]{2,3}){1,2}/?") {
            let once = normalized(&raw);
            prop_assert_eq!(normalized(&once.0).0, once.0);
        }
    }
}
