//! The headers that are known: Portuguese, English and Spanish, folded, the words of each joined with `_`.

use super::header::{DatePart, Meaning};
use vinculo_records::Standard;

pub(super) const fn of(attribute: Standard) -> Meaning {
    Meaning::Attribute(attribute)
}

/// Meaning → headers, with a blank between two. No header stands here twice.
pub(super) const DICTIONARY: &[(Meaning, &str)] = &[
    (
        Meaning::Key,
        "id codigo cod cd code key chave uuid guid pk matricula registro record_id rec_id row_id unique_id user_id \
         customer_id client_id cliente_id id_cliente cod_cliente codigo_cliente cd_cliente customer_code \
         numero_cliente num_cliente nr_cliente no_cliente n_cliente numero_do_cliente customer_number external_id contact_id account_id person_id company_id \
         id_externo cod_cli id_cli cli_id cli_cod codigo_cli cliente_codigo codigo_do_cliente numero_cadastro \
         numero_registro identificador identifier id_registro",
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
         entity_type tipo_persona tipo_cadastro pf_pj tipo_pf_pj fisica_juridica tp_cadastro",
    ),
    (Meaning::Apelido, "apelido apelidos"),
    (
        of(Standard::FullName),
        "nome_completo full_name nombre_completo nome_e_sobrenome nombre_y_apellidos complete_name nome_pessoa \
         nome_titular contact_name nome_contato nome_contacto display_name nome_social",
    ),
    (
        of(Standard::GivenName),
        "primeiro_nome given_name given_names first_name fname forename nome_proprio prenome primer_nombre given first nombre_de_pila name_first name_given",
    ),
    (of(Standard::MiddleName), "middle_name nome_do_meio nome_meio segundo_nome segundo_nombre mname middle"),
    (
        of(Standard::FamilyName),
        "sobrenome sobrenomes apellido apellidos surname last_name lname family_name ultimo_nome primer_apellido \
         segundo_apellido primeiro_apelido ultimo_apelido segundo_apelido nome_familia nome_de_familia last \
         primeiro_sobrenome segundo_sobrenome ultimo_sobrenome apellido_paterno apellido_materno family name_last name_family",
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
        "nome_fantasia fantasia trade_name trading_name nome_comercial nombre_comercial brand marca nm_fantasia nome_reduzido nreduz \
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
         nr_contribuinte no_contribuinte tax_id tax_number tax_code vat vat_number vat_id cif nie dni rut ruc cuit cuil curp rfc inscricao_federal tin ssn soc_sec_id \
         social_security_number nr_cpf num_cpf numero_cpf nr_cnpj nif_nipc fiscal_id id_fiscal cgc cgc_cpf cpf_cgc \
         dni_nie nif_cif cif_nif nif_nie taxpayer_id numero_fiscal",
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
         work_phone contact_number tel_movel tlm tlf telefone_fixo_ddd tel_celular cel_whatsapp telefono_movil telefono_fijo mobile_number",
    ),
    (
        of(Standard::Street),
        "logradouro rua street street_name calle via avenida nome_rua nome_logradouro address_1 address_line_1 \
         endereco_1 street_address line_1 linha_1 street_1 nombre_via",
    ),
    (
        Meaning::Address,
        "endereco enderecos morada address full_address endereco_completo direccion direccion_completa domicilio \
         endereco_residencial mailing_address morada_completa end ender addr",
    ),
    (
        of(Standard::HouseNumber),
        "house_number street_number house_no numero_endereco num_endereco nr_endereco numero_casa numero_porta porta numero_logradouro nr_logradouro num_logradouro",
    ),
    (
        of(Standard::Complement),
        "complemento compl complement address_2 address_line_2 endereco_2 apto apartamento andar piso unit suite \
         apartment complemento_endereco line_2 linha_2 street_2",
    ),
    (
        of(Standard::District),
        "bairro bairros district distrito neighborhood neighbourhood barrio freguesia colonia nome_bairro",
    ),
    (
        of(Standard::City),
        "cidade cidades municipio localidade concelho city town ciudad suburb poblacion localidad nome_cidade \
         nome_municipio cidade_nome city_name mun",
    ),
    (
        of(Standard::Region),
        "uf estado provincia region regiao state province county comunidad_autonoma sigla_uf sg_uf estado_uf \
         uf_estado state_code est estado_sigla state_province",
    ),
    (
        of(Standard::PostalCode),
        "cep codigo_postal cod_postal cod_cep nr_cep zip zip_code postcode postal_code postal cp",
    ),
    (of(Standard::Country), "pais country country_code codigo_pais nome_pais country_name cod_pais country_region"),
    (Meaning::Number, "numero nro num number nr n no"),
    (
        Meaning::Document,
        "documento numero_documento documento_numero nr_documento num_documento doc doc_numero numero_doc nr_doc \
         document document_number num_doc",
    ),
    (
        Meaning::BirthPart(DatePart::Year),
        "by birth_year year_of_birth ano_nascimento ano_de_nascimento ano_nasc anio_nacimiento ano_nacimiento \
         ano_de_nacimiento nasc_ano nascimento_ano dob_year dob_y",
    ),
    (
        Meaning::BirthPart(DatePart::Month),
        "bm birth_month month_of_birth mes_nascimento mes_de_nascimento mes_nasc mes_nacimiento mes_de_nacimiento \
         nasc_mes nascimento_mes dob_month dob_m",
    ),
    (
        Meaning::BirthPart(DatePart::Day),
        "bd day_of_birth dia_nascimento dia_de_nascimento dia_nasc dia_nacimiento dia_de_nacimiento \
         nasc_dia nascimento_dia dob_day dob_d",
    ),
    (Meaning::DatePart(DatePart::Year), "ano year anio yyyy"),
    (Meaning::DatePart(DatePart::Month), "mes month mm"),
    (Meaning::DatePart(DatePart::Day), "dia day dd"),
    (
        Meaning::Name,
        "nome nomes name names nombre nombres nm nome_cliente nm_cliente nome_do_cliente customer_name client_name \
         cliente customer nome_razao_social nome_ou_razao_social",
    ),
];
