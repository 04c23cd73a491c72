//! E-mail addresses: lower case, without `mailto:` and display name, the domain in ASCII.

use crate::placeholder::{is_keyboard_play, is_placeholder};
use rustc_hash::FxHashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use vinculo_records::Flag;

const LOCAL_MAX: usize = 64;
const ADDRESS_MAX: usize = 254;

/// An e-mail address as it is shown and compared; one that is invalid keeps its characters in lower case.
pub fn normalize(shown: &str, out: &mut String) -> Option<Flag> {
    let bare = unwrap(shown);
    let says_nothing = !bare.contains(char::is_alphanumeric);
    if says_nothing || (!bare.contains('@') && is_placeholder(bare)) {
        return Some(Flag::Placeholder);
    }
    let Some((local, domain)) = bare.rsplit_once('@').map(|(local, domain)| (local.trim_end(), domain.trim_start()))
    else {
        push_lower(bare, out);
        return Some(if is_stand_in_local(out) { Flag::Placeholder } else { Flag::InvalidEmail });
    };
    if local.contains('@') && !is_quoted(local) {
        return Some(Flag::SeveralValues);
    }
    push_lower(unquote(local), out);
    let local_length = out.len();
    out.push('@');
    push_domain(domain, out);
    let (local, domain) = (&out[..local_length], &out[local_length + 1..]);
    if is_stand_in(local, domain) {
        Some(Flag::Placeholder)
    } else if !is_local(local) || !is_domain(domain) || out.len() > ADDRESS_MAX {
        Some(Flag::InvalidEmail)
    } else if is_role(local) {
        Some(Flag::SharedMailbox)
    } else {
        None
    }
}

/// Writes the mailbox of an address, as it is compared: without the tag that its holder may put behind it (`ana+news@…`).
pub fn mailbox_into(address: &str, out: &mut String) {
    let (local, domain) = address.split_at(address.rfind('@').unwrap_or(address.len()));
    let mailbox = local.split_once('+').map_or(local, |(mailbox, _)| mailbox);
    let bare = if mailbox.is_empty() || domain.is_empty() { local } else { mailbox };
    out.extend(bare.chars().chain(domain.chars()).flat_map(char::to_lowercase));
}

/// Takes `mailto:`, a display name and `<…>`, and stray punctuation off, in whatever order they lie around an address.
fn unwrap(shown: &str) -> &str {
    let mut bare = shown;
    loop {
        let inner = without_scheme(without_punctuation(without_display_name(bare)));
        if inner.len() == bare.len() {
            return bare;
        }
        bare = inner;
    }
}

fn without_display_name(shown: &str) -> &str {
    match (shown.rfind('<'), shown.rfind('>')) {
        (Some(open), Some(close)) if open < close => &shown[open + 1..close],
        _ => shown,
    }
}

fn without_punctuation(shown: &str) -> &str {
    const AROUND: [char; 10] = [' ', ',', ';', '(', ')', '[', ']', '\'', '<', '>'];
    shown.trim_start_matches(AROUND).trim_end_matches(|c| c == '.' || AROUND.contains(&c))
}

fn without_scheme(shown: &str) -> &str {
    match shown.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            shown[7..].split_once('?').map_or(&shown[7..], |(address, _)| address)
        }
        _ => shown,
    }
}

fn is_quoted(local: &str) -> bool {
    local.len() > 2 && local.starts_with('"') && local.ends_with('"')
}

/// Quotes around a local part that needs none are taken off; an apostrophe in front would look like a stray one.
fn unquote(local: &str) -> &str {
    match local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if is_dot_atom(inner) && !inner.starts_with('\'') => inner,
        _ => local,
    }
}

/// Small letters, composed: what İ becomes is not.
fn push_lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase).nfc());
    }
}

/// A domain in small letters; an international one in Punycode, so that both of its spellings compare equal.
fn push_domain(domain: &str, out: &mut String) {
    let host = if domain.is_ascii() { None } else { idna::domain_to_ascii(domain).ok() };
    match host.filter(|host| is_domain(host)) {
        Some(host) => out.push_str(&host),
        None => push_lower(domain, out),
    }
}

fn is_local(local: &str) -> bool {
    let quoted = || is_quoted(local) && local.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    local.len() <= LOCAL_MAX && (is_dot_atom(local) || quoted())
}

fn is_dot_atom(local: &str) -> bool {
    let is_atom_char = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

/// Whether a host name has at least two labels of letters, digits and inner hyphens, the last one not all digits.
pub(crate) fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(is_label)
        && top.len() >= 2
        && top.bytes().any(|b| b.is_ascii_lowercase())
}

/// `naotem@…`, `teste@teste`, `nao@tem.com`: addresses of nobody.
fn is_stand_in(local: &str, domain: &str) -> bool {
    const EMPTY_LOCALS: [&str; 9] = ["nao", "sem", "n", "a", "email", "e-mail", "nome", "cliente", "abc"];
    const EMPTY_DOMAINS: [&str; 14] = [
        "tem", "nao", "naotem", "possui", "email", "sem", "semmail", "sememail", "teste", "test", "exemplo", "n", "a",
        "abc",
    ];
    // "Não tem", "not available" and the like in two letters: real mailboxes elsewhere, nobody's at a host of that name.
    const TYPED_TWICE: [&str; 15] =
        ["x", "xx", "nt", "na", "nd", "ni", "nc", "nn", "nx", "no", "aa", "s", "sn", "st", "fake"];
    let host = domain.split('.').next().unwrap_or_default();
    is_stand_in_local(local)
        || is_stand_in_local(host)
        || EMPTY_LOCALS.contains(&local) && (EMPTY_DOMAINS.contains(&host) || host == local)
        || TYPED_TWICE.contains(&local) && host == local
}

fn is_stand_in_local(local: &str) -> bool {
    const STAND_INS: [&str; 20] = [
        "naotem",
        "naotememail",
        "naopossui",
        "naopossuiemail",
        "naoinformado",
        "naoinformou",
        "naoexiste",
        "naoconsta",
        "sememail",
        "semmail",
        "semnome",
        "semcadastro",
        "noemail",
        "nomail",
        "null",
        "none",
        "teste",
        "test",
        "testes",
        "undefined",
    ];
    let mut compact = [0_u8; 16];
    let mut length = 0;
    for byte in local.bytes().filter(|b| !matches!(b, b'.' | b'_' | b'-')) {
        if length == compact.len() {
            return false;
        }
        compact[length] = byte;
        length += 1;
    }
    let compact = std::str::from_utf8(&compact[..length]).unwrap_or_default();
    STAND_INS.contains(&compact) || is_keyboard_play(compact)
}

/// Mailboxes of a role, in Portuguese, English and Spanish.
const ROLES: &str = "info informacoes contato contatos contacto contact contactus vendas venda sales sac nfe nf \
    notafiscal xml financeiro finance fin fiscal compras comercial atendimento suporte support \
    admin administracao administrativo adm administrator rh hr dp jobs vagas curriculo marketing \
    mkt faturamento cobranca office escritorio geral hello ola mail email webmaster postmaster \
    hostmaster noreply no-reply naoresponda diretoria gerencia secretaria recepcao contabilidade \
    contabil loja ouvidoria help ajuda billing accounts service servico team equipe reservas \
    reservations pedidos orders juridico empresa enquiries press imprensa logistica";

static ROLE_NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| ROLES.split(' ').collect());

/// Whether a mailbox belongs to a role and not to a person; digits behind the role's name do not change it.
fn is_role(local: &str) -> bool {
    ROLE_NAMES.contains(local.trim_end_matches(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(raw: &str) -> (String, Option<Flag>) {
        let mut out = String::new();
        let flag = normalize(&crate::shown::shown(raw).0, &mut out);
        (out, flag)
    }

    #[test]
    fn addresses_come_out_in_one_spelling() {
        let cases = [
            ("Maria.Silva@Gmail.COM", "maria.silva@gmail.com", None),
            (" mailto:maria@loja.com.br ", "maria@loja.com.br", None),
            ("Maria Silva <maria@loja.com.br>", "maria@loja.com.br", None),
            ("Maria <mailto:maria@loja.com.br?subject=Oi>.", "maria@loja.com.br", None),
            ("<maria@loja.com.br>;", "maria@loja.com.br", None),
            ("maria @ loja.com.br", "maria@loja.com.br", None),
            ("maria+tag@loja.com.br", "maria+tag@loja.com.br", None),
            ("\"maria\"@loja.com", "maria@loja.com", None),
            ("\"maria silva\"@loja.com", "\"maria silva\"@loja.com", None),
            ("maria@açaí.com.br", "maria@xn--aa-4iaz.com.br", None),
            ("maria@xn--aa-4iaz.com.br", "maria@xn--aa-4iaz.com.br", None),
            ("maria@loja.com.br.", "maria@loja.com.br", None),
            ("joão@loja.com", "joão@loja.com", None),
            ("Contato@Loja.com", "contato@loja.com", Some(Flag::SharedMailbox)),
            ("vendas2@loja.com", "vendas2@loja.com", Some(Flag::SharedMailbox)),
            ("maria.loja.com", "maria.loja.com", Some(Flag::InvalidEmail)),
            ("maria@loja", "maria@loja", Some(Flag::InvalidEmail)),
            ("maria..silva@loja.com", "maria..silva@loja.com", Some(Flag::InvalidEmail)),
            ("maria@-loja.com", "maria@-loja.com", Some(Flag::InvalidEmail)),
            ("maria@´ Ա", "maria@´ ա", Some(Flag::InvalidEmail)),
            ("maria@127.0.0.1", "maria@127.0.0.1", Some(Flag::InvalidEmail)),
        ];
        for (raw, text, flag) in cases {
            assert_eq!(normalized(raw), (text.to_owned(), flag), "{raw}");
        }
    }

    #[test]
    fn a_tag_is_no_part_of_a_mailbox() {
        let cases = [
            ("ana+promo@loja.com", "ana@loja.com"),
            ("ana+a+b@loja.com", "ana@loja.com"),
            ("+ana@loja.com", "+ana@loja.com"),
            ("ana+promo", "ana+promo"),
            ("ana@lo+ja.com", "ana@lo+ja.com"),
        ];
        for (address, expected) in cases {
            let mut out = String::new();
            mailbox_into(address, &mut out);
            assert_eq!(out, expected, "{address}");
        }
    }

    #[test]
    fn addresses_of_nobody_are_placeholders() {
        for raw in [
            "naotem@gmail.com",
            "nao.tem@gmail.com",
            "nao@tem.com",
            "sem@email",
            "sem@email.com",
            "teste@teste",
            "teste@teste.com.br",
            "xxx@",
            "xxx@xxx.com",
            "semnome@loja.com",
            "sememail@sememail.com",
            "não informado",
            "aaa@aaa.com",
            "a@a.com",
            "NT@NT.COM",
            "na@na.com.br",
            "x@x.com",
            "naotem",
            "n/a",
            "@",
            " @.",
            "-@-",
        ] {
            assert_eq!(normalized(raw).1, Some(Flag::Placeholder), "{raw}");
        }
    }

    #[test]
    fn two_letters_at_another_host_are_somebody() {
        for raw in ["nt@gmail.com", "na@nt.com", "hp@hp.com", "no@email.com", "jo@jo.com.br"] {
            assert_eq!(normalized(raw).1, None, "{raw}");
        }
    }

    #[test]
    fn two_addresses_in_a_cell_are_several_values() {
        for raw in ["a.b@x.com; c@y.com", "a.b@x.com,c@y.com", "a.b@x.com c@y.com", "a.b@x.com / c@y.com"] {
            assert_eq!(normalized(raw).1, Some(Flag::SeveralValues), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(raw in "\\PC{0,30}|[A-Za-z.<> \"]{0,9}@[A-Za-zé.-]{1,9}\\.(com|br)") {
            let (once, flag) = normalized(&raw);
            if flag.is_none_or(|flag| flag.usability() != vinculo_records::normalized::Usability::Nothing) {
                let again = normalized(&once);
                prop_assert_eq!(again, (once, flag));
            }
        }
    }
}
