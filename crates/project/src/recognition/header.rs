//! What a header means: Portuguese, English and Spanish, folded.

use vinculo_records::Standard;

/// What a header means by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Attribute(Standard),
    /// A name; which one, the other columns tell.
    Name,
    /// An address; a whole one or its street, the other columns tell.
    Address,
    /// `apelido`: a surname in Portugal, a nickname in Brazil.
    Apelido,
    /// What names a record.
    Key,
    /// When the record was changed last.
    UpdatedAt,
    /// Person or organization.
    Kind,
}

/// A meaning found in a header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HeaderMatch {
    pub(super) meaning: Meaning,
    /// How sure the header alone is, 0 to 1.
    pub(super) strength: f64,
}

/// The meaning of a header, if it is known.
pub(super) fn meaning(header: &str) -> Option<HeaderMatch> {
    let words = words(header);
    // `dataNascimento`, `data_nascimento` and `datanascimento` are one.
    let known = |words: &[String]| {
        let together = words.concat();
        let is_it = |name: &str| name.bytes().filter(|byte| *byte != b'_').eq(together.bytes());
        let (meaning, _) = DICTIONARY.iter().find(|(_, names)| names.split(' ').any(is_it))?;
        Some(*meaning)
    };
    if let Some(meaning) = known(&words) {
        return Some(HeaderMatch { meaning, strength: 0.9 });
    }
    let without_number = |word: String| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let telling: Vec<String> = words.into_iter().filter(|word| !is_neutral(word)).map(without_number).collect();
    known(&telling).map(|meaning| HeaderMatch { meaning, strength: 0.75 })
}

/// A header as messages show it: short, on one line.
pub(super) fn shown(header: &str) -> String {
    let clean = header.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = clean.take(40).collect();
    if header.chars().count() > 40 {
        shown.push('…');
    }
    shown
}

/// The words of a header: lower case, no accents; `dtNascimento`, `DT-NASCIMENTO` and `Dt. Nascimento` are the same.
pub(super) fn words(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in header.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase().map(without_accent));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The letter without its accent, for the letters that headers in these languages have.
pub(super) fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'º' | '°' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// Words that say whose the value is, or of which sort, but not what it is.
fn is_neutral(word: &str) -> bool {
    const NEUTRAL: &str = "a adicional atual c1 c2 c3 casa cd client cliente clientes col coluna comercial contact \
                           contacto contato consumidor current customer customers da de del di do ds e entrega fixo \
                           home main member nm nr num o of original pessoa pessoal person personal primary principal \
                           residencial res secundario the titular trabalho tx txt user usuario work";
    word.chars().all(|c| c.is_ascii_digit()) || NEUTRAL.split_ascii_whitespace().any(|neutral| neutral == word)
}

const fn of(attribute: Standard) -> Meaning {
    Meaning::Attribute(attribute)
}

/// Folded headers, words joined with `_`.
const DICTIONARY: &[(Meaning, &str)] = &[
    (
        Meaning::Key,
        "id codigo cod cd code key chave uuid guid pk matricula registro record_id rec_id row_id unique_id user_id \
         customer_id client_id cliente_id id_cliente cod_cliente codigo_cliente cd_cliente customer_code \
         numero_cliente num_cliente nr_cliente customer_number external_id contact_id account_id person_id company_id \
         id_externo",
    ),
    (
        Meaning::UpdatedAt,
        "atualizado_em atualizado updated_at updated update_date updated_on modified modified_at modified_on \
         modified_date modificado modificado_em last_modified last_modified_date last_update last_updated alterado \
         alterado_em data_alteracao dt_alteracao data_atualizacao dt_atualizacao data_de_atualizacao \
         data_ultima_alteracao data_ultima_atualizacao ultima_alteracao ultima_atualizacao data_modificacao \
         dt_modificacao fecha_actualizacion fecha_modificacion actualizado actualizado_en ultima_modificacion \
         timestamp systemmodstamp date_modified",
    ),
    (
        Meaning::Kind,
        "tipo tipo_pessoa tp_pessoa tipo_de_pessoa tipo_cliente tp_cliente pessoa natureza person_type customer_type \
         entity_type tipo_persona tipo_cadastro pf_pj",
    ),
    (Meaning::Apelido, "apelido apelidos"),
    (
        of(Standard::FullName),
        "nome_completo full_name nombre_completo nome_e_sobrenome nombre_y_apellidos complete_name nome_pessoa \
         nome_titular contact_name nome_contato nome_contacto display_name nome_social",
    ),
    (
        of(Standard::GivenName),
        "primeiro_nome given_name given_names first_name fname forename nome_proprio prenome primer_nombre given first",
    ),
    (of(Standard::MiddleName), "middle_name nome_do_meio nome_meio segundo_nome segundo_nombre mname middle"),
    (
        of(Standard::FamilyName),
        "sobrenome sobrenomes apellido apellidos surname last_name lname family_name ultimo_nome primer_apellido \
         segundo_apellido primeiro_apelido ultimo_apelido nome_familia nome_de_familia last",
    ),
    (
        of(Standard::BirthDate),
        "nascimento data_nascimento data_de_nascimento data_nasc dt_nascimento dt_nasc nasc birth_date birthday \
         date_of_birth date_birth birth dob fecha_nacimiento fecha_de_nacimiento fecha_nac fec_nac nacimiento \
         aniversario data_aniversario",
    ),
    (of(Standard::Sex), "sexo sex gender genero"),
    (
        of(Standard::MotherName),
        "mae nome_mae nome_da_mae nm_mae mother mother_name mothers_name madre nombre_madre nombre_de_la_madre",
    ),
    (
        of(Standard::TradeName),
        "nome_fantasia fantasia trade_name trading_name nome_comercial nombre_comercial brand marca nm_fantasia \
         doing_business_as dba",
    ),
    (
        of(Standard::LegalName),
        "razao_social razao legal_name company company_name empresa nome_empresa nome_da_empresa nome_empresarial \
         razon_social denominacao denominacao_social firma organization organisation organization_name business_name \
         account_name corporate_name nm_razao_social nombre_empresa",
    ),
    (of(Standard::Website), "site website web url homepage pagina pagina_web sitio_web dominio domain sitio"),
    (
        of(Standard::TaxId),
        "cpf cnpj cpf_cnpj cnpj_cpf cpf_ou_cnpj nif nipc contribuinte numero_contribuinte num_contribuinte \
         nr_contribuinte no_contribuinte tax_id tax_number tax_code vat vat_number vat_id documento numero_documento \
         nr_documento num_documento doc cif nie dni rut ruc cuit cuil curp rfc inscricao_federal tin ssn soc_sec_id \
         social_security_number nr_cpf num_cpf numero_cpf nr_cnpj nif_nipc fiscal_id id_fiscal",
    ),
    (
        of(Standard::Email),
        "email emails mail correio correio_eletronico correio_electronico correo correo_electronico email_address \
         mail_address endereco_eletronico endereco_email endereco_de_email ds_email",
    ),
    (
        of(Standard::Phone),
        "telefone telefones tel fone fones celular cel telemovel movel mobile mobile_phone phone phones phone_number \
         telephone telephone_number cellphone cell whatsapp whats zap telefono telefonos movil fixo telefone_fixo \
         telefone_celular telefone_comercial nr_telefone num_telefone numero_telefone ddd_telefone home_phone \
         work_phone contact_number tel_movel tlm tlf telefone_fixo_ddd",
    ),
    (
        of(Standard::Street),
        "logradouro rua street street_name calle via avenida nome_rua nome_logradouro address_1 address_line_1 \
         endereco_1 street_address",
    ),
    (
        Meaning::Address,
        "endereco enderecos morada address full_address endereco_completo direccion direccion_completa domicilio \
         endereco_residencial mailing_address morada_completa",
    ),
    (
        of(Standard::HouseNumber),
        "numero nro num number house_number street_number house_no numero_endereco num_endereco nr_endereco nr n no \
         numero_casa numero_porta porta numero_logradouro nr_logradouro num_logradouro",
    ),
    (
        of(Standard::Complement),
        "complemento compl complement address_2 address_line_2 endereco_2 apto apartamento andar piso unit suite \
         apartment complemento_endereco",
    ),
    (
        of(Standard::District),
        "bairro bairros district distrito neighborhood neighbourhood barrio freguesia colonia nome_bairro",
    ),
    (
        of(Standard::City),
        "cidade cidades municipio localidade concelho city town ciudad suburb poblacion localidad nome_cidade \
         nome_municipio cidade_nome city_name",
    ),
    (
        of(Standard::Region),
        "uf estado provincia region regiao state province county comunidad_autonoma sigla_uf sg_uf estado_uf \
         uf_estado state_code",
    ),
    (
        of(Standard::PostalCode),
        "cep codigo_postal cod_postal cod_cep nr_cep zip zip_code postcode postal_code postal cp",
    ),
    (of(Standard::Country), "pais country country_code codigo_pais nome_pais country_name cod_pais"),
    (
        Meaning::Name,
        "nome nomes name names nombre nombres nm nome_cliente nm_cliente nome_do_cliente customer_name client_name \
         cliente customer nome_razao_social nome_ou_razao_social",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_however_they_are_spelled() {
        let cases = [
            ("Nome", Meaning::Name),
            ("NM_CLIENTE", Meaning::Name),
            ("nome do cliente", Meaning::Name),
            ("primeiroNome", of(Standard::GivenName)),
            ("fname_c1", of(Standard::GivenName)),
            ("sobrenome2", of(Standard::FamilyName)),
            ("Apelido", Meaning::Apelido),
            ("Dt. Nasc.", of(Standard::BirthDate)),
            ("dataNascimento", of(Standard::BirthDate)),
            ("Fecha de Nacimiento", of(Standard::BirthDate)),
            ("Gênero", of(Standard::Sex)),
            ("Nome da Mãe", of(Standard::MotherName)),
            ("CPF/CNPJ", of(Standard::TaxId)),
            ("Nº Contribuinte", of(Standard::TaxId)),
            ("E-mail", of(Standard::Email)),
            ("email_2", of(Standard::Email)),
            ("Telemóvel", of(Standard::Phone)),
            ("tel. residencial", of(Standard::Phone)),
            ("WhatsApp", of(Standard::Phone)),
            ("Razão Social", of(Standard::LegalName)),
            ("Nome Fantasia", of(Standard::TradeName)),
            ("Logradouro", of(Standard::Street)),
            ("Endereço", Meaning::Address),
            ("Nº", of(Standard::HouseNumber)),
            ("Bairro", of(Standard::District)),
            ("Município", of(Standard::City)),
            ("UF", of(Standard::Region)),
            ("Código Postal", of(Standard::PostalCode)),
            ("País", of(Standard::Country)),
            ("cod_cliente", Meaning::Key),
            ("customer_id", Meaning::Key),
            ("Última Alteração", Meaning::UpdatedAt),
            ("tp_pessoa", Meaning::Kind),
        ];
        for (header, expected) in cases {
            assert_eq!(meaning(header).map(|found| found.meaning), Some(expected), "{header}");
        }
    }

    #[test]
    fn headers_that_only_look_alike_mean_nothing() {
        for header in ["estado_civil", "numero_pedido", "nome_usuario_criador", "data", "cidade_nascimento", "", "???"]
        {
            assert_eq!(meaning(header), None, "{header}");
        }
    }

    #[test]
    fn no_header_stands_in_the_dictionary_twice() {
        let mut all: Vec<String> =
            DICTIONARY.iter().flat_map(|(_, names)| names.split(' ')).map(|name| name.replace('_', "")).collect();
        all.sort_unstable();
        for pair in all.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
