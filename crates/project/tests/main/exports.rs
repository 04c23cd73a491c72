//! What `vinculo init` writes for the headers and values of exports as the world has them.

use crate::drafts::draft_of;
use vinculo_project::recognition::{SampledColumn, recognize};

/// An export: who makes such, its header and rows with `|` between the cells, and the lines that are written for it
/// below `path:`, without their comments.
struct Export {
    of: &'static str,
    table: &'static str,
    written: &'static str,
}

fn columns(table: &str) -> Vec<SampledColumn> {
    let mut lines = table.trim().lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |(at, header): (usize, &&str)| SampledColumn {
        header: (*header).to_owned(),
        values: rows.iter().map(|row| row[at].to_owned()).collect(),
    };
    header.iter().enumerate().map(column).collect()
}

/// The lines of the draft that are no comments, from `record:` on.
fn written(table: &str) -> String {
    let text = draft_of("crm", &recognize(&columns(table)));
    let lines = text.lines().map(|line| line.split("  # ").next().unwrap_or_default().trim());
    let lines = lines.skip_while(|line| !line.starts_with("record:"));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    lines.join("\n")
}

fn lines(text: &str) -> String {
    text.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn exports_of_the_world_are_drafted_as_a_careful_engineer_would_map_them() {
    let wrong = EXPORTS.iter().filter(|export| written(export.table) != lines(export.written));
    let wrong: Vec<String> = wrong.map(|export| format!("{}:\n{}\n", export.of, written(export.table))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_and_a_stamp_count_as_recognized_columns() {
    let table = "id|nome|alterado_em|saldo
        4711|Ana Silva|2026-01-02|1,50
        4712|Rui Souza|2026-01-03|2,50
        4713|Eva Lima|2026-01-04|3,50";
    let found = recognize(&columns(table));
    assert_eq!((found.recognized_columns(), found.columns.len()), (3, 4));
}

#[test]
fn the_table_covers_many_headers() {
    let headers = EXPORTS.iter().flat_map(|export| export.table.trim().lines().next()).flat_map(|line| line.split('|'));
    assert!(headers.count() >= 100);
}

const EXPORTS: &[Export] = &[
    Export {
        of: "a Brazilian ERP whose codes count within a shop",
        table: "A1_FILIAL|A1_COD|A1_LOJA|A1_PESSOA|A1_NOME|A1_NREDUZ|A1_CGC|A1_END|A1_BAIRRO|A1_MUN|A1_EST|A1_CEP|A1_DDD|A1_TEL|A1_EMAIL|A1_ULTCOM|A1_VEND|A1_SALDO
            01|000001|01|J|PADARIA LIMA LTDA|PADARIA LIMA|11.222.333/0001-81|RUA DAS FLORES, 12|CENTRO|CURITIBA|PR|80010-000|41|3322-1100|contato@lima.com.br|12/03/2024|000007|1.250,00
            01|000001|02|J|PADARIA LIMA LTDA|LIMA FILIAL|11.222.333/0001-81|AV BRASIL, 900|BATEL|CURITIBA|PR|80420-090|41|3322-1101|filial@lima.com.br|28/02/2024|000007|0,00
            01|000002|01|F|MARIA DE SOUZA|MARIA|529.982.247-25|RUA XV, 3|CENTRO|LONDRINA|PR|86010-000|43|99911-2233||15/01/2024|000009|10,50",
        written: "record: {column: A1_PESSOA, person: [F], organization: [J]}
            key: [A1_COD, A1_LOJA]
            delivery: changes
            fields:
            name: A1_NOME
            trade_name: A1_NREDUZ
            tax_id: A1_CGC
            email: A1_EMAIL
            phone: A1_TEL
            street: A1_END
            district: A1_BAIRRO
            city: A1_MUN
            region: A1_EST
            postal_code: A1_CEP",
    },
    Export {
        of: "a Brazilian shop with everything of the salesman beside the customer",
        table: "CODIGO|NOME|SOBRENOME|SEXO|DT_NASC|DOC|RG|UF_RG|ESTADO_CIVIL|FONE RES|CELULAR 1|CELULAR 2|E-MAIL|EMAIL_VENDEDOR|NOME_MAE|CPF_CONJUGE|ULT_COMPRA|LIMITE|OBS|DATA_CADASTRO|Última alteração
            1|Ana|Lima|F|17/05/1990|529.982.247-25|12.345.678-9|SP|Casada|(11) 3456-7890|(11) 98765-4321||ana@x.com|v1@loja.com|Rosa Lima|111.444.777-35|10/01/2024|500,00|ligar à tarde|01/01/2020|17/05/2024 08:30:00
            2|Rui|Melo|M|01/02/1985|111.444.777-35|98.765.432-1|RJ|Solteiro||(21) 98888-7777|(21) 97777-6666|rui@x.com|v1@loja.com|Eva Melo||11/01/2024|0,00||02/01/2020|18/05/2024 09:00:00",
        written: r#"record: person
            key: CODIGO
            updated_at: {column: "Última alteração", format: "%d/%m/%Y %H:%M:%S"}
            delivery: changes
            fields:
            given_name: NOME
            family_name: SOBRENOME
            birth_date: {column: DT_NASC, format: "%d/%m/%Y"}
            sex: SEXO
            mother_name: NOME_MAE
            tax_id: DOC
            email: "E-MAIL"
            phone: ["FONE RES", "CELULAR 1", "CELULAR 2"]"#,
    },
    Export {
        of: "a web shop that sends nested JSON",
        table: "id|name.first|name.last|contact.email|contact.phone|address.street|address.number|address.complement|address.zip|address.city|address.state|address.type|company.name|created_at|updated
            c-1|Ana|Lima|ana@x.com|+55 11 98765-4321|Rua A|12|ap 3|01310-100|São Paulo|SP|home||2024-01-01T10:00:00Z|2024-02-01T10:00:00Z
            c-2|Rui|Melo|rui@x.com|+55 21 98765-4321|Rua B|14||20010-000|Rio|RJ|home|Acme|2024-01-02T10:00:00Z|2024-02-02T10:00:00Z",
        written: r#"record: person
            key: id
            updated_at: updated
            delivery: changes
            fields:
            given_name: "name.first"
            family_name: "name.last"
            email: "contact.email"
            phone: "contact.phone"
            street: "address.street"
            house_number: "address.number"
            complement: "address.complement"
            city: "address.city"
            region: "address.state"
            postal_code: "address.zip""#,
    },
    Export {
        of: "a Brazilian API with its address below `endereco`",
        table: "cliente_id|tipo_pessoa|nome|cpf_cnpj|endereco.logradouro|endereco.numero|endereco.bairro|endereco.cidade|endereco.uf|endereco.cep|status|data_atualizacao
            10|Física|Ana Lima|52998224725|Rua A|1|Centro|Natal|RN|59010-000|ativo|2024-05-01
            11|Jurídica|Lima Ltda|11222333000181|Rua B|2|Centro|Natal|RN|59010-001|inativo|2024-05-02",
        written: r#"record: {column: tipo_pessoa, person: ["Física"], organization: ["Jurídica"]}
            key: cliente_id
            updated_at: data_atualizacao
            delivery: changes
            fields:
            name: nome
            tax_id: cpf_cnpj
            street: "endereco.logradouro"
            house_number: "endereco.numero"
            district: "endereco.bairro"
            city: "endereco.cidade"
            region: "endereco.uf"
            postal_code: "endereco.cep""#,
    },
    Export {
        of: "a file of both kinds with names in parts",
        table: "id|tipo|nome|sobrenome1|sobrenome2|documento|data_alteracao
            1|PF|Ana|Lima|Sá|529.982.247-25|2024-01-01
            2|PJ|Padaria|Lima|Ltda|11.222.333/0001-81|2024-01-02",
        written: "record: {column: tipo, person: [PF], organization: [PJ]}
            key: id
            updated_at: data_alteracao
            delivery: changes
            fields:
            name: [nome, sobrenome1, sobrenome2]
            tax_id: documento",
    },
    Export {
        of: "a Portuguese company",
        table: "Nº Cliente|Nome próprio|Apelido|NIF|Telemóvel|Correio eletrónico|Morada|Código Postal|Localidade|Concelho|País|Dia nascimento|Mês nascimento|Ano nascimento|Modificado em
            100|Ana|Melo|501964843|912 345 678|ana@x.pt|Rua Nova 3|1000-205|Lisboa|Lisboa|Portugal|17|5|1990|2024-05-17 10:00
            101|Rui|Sá|245000000|913 345 678|rui@x.pt|Rua Velha 4|4000-001|Porto|Porto|Portugal|1|12|1985|2024-05-18 10:00",
        written: r#"record: person
            key: "Nº Cliente"
            updated_at: "Modificado em"
            delivery: changes
            fields:
            given_name: "Nome próprio"
            family_name: Apelido
            birth_date: {columns: ["Dia nascimento", "Mês nascimento", "Ano nascimento"], format: "%d %m %Y"}
            tax_id: NIF
            email: "Correio eletrónico"
            phone: "Telemóvel"
            address: Morada
            city: Localidade
            postal_code: "Código Postal"
            country: "País""#,
    },
    Export {
        of: "a Spanish company",
        table: "Código|Nombre|Primer apellido|Segundo apellido|DNI|Fecha de nacimiento|Teléfono fijo|Móvil|Correo|Dirección|Número|Población|Provincia|C.P.|Estado|Última modificación|Última compra
            A-1|Ana|García|López|12345678Z|17/05/1990|911 222 333|600 111 222|ana@x.es|Calle Mayor|3|Madrid|Madrid|28001|activo|17/05/2024|01/05/2024
            A-2|Luis|Pérez|Gil|87654321X|28/02/1985|912 222 333|600 111 333|luis@x.es|Calle Real|4|Getafe|Madrid|28901|activo|18/05/2024|02/05/2024",
        written: r#"record: person
            key: "Código"
            updated_at: {column: "Última modificación", format: "%d/%m/%Y"}
            delivery: changes
            fields:
            given_name: Nombre
            family_name: ["Primer apellido", "Segundo apellido"]
            birth_date: {column: "Fecha de nacimiento", format: "%d/%m/%Y"}
            tax_id: DNI
            email: Correo
            phone: ["Teléfono fijo", "Móvil"]
            street: "Dirección"
            house_number: "Número"
            city: "Población"
            region: Provincia
            postal_code: "C.P.""#,
    },
    Export {
        of: "an English CRM of contacts who work somewhere",
        table: "Record ID|First Name|Last Name|Job Title|Company|Email|Work Email|Mobile Number|Street Address|City|State/Province|Postal Code|Country/Region|Owner Email|Last Modified Date|Create Date
            501|Ann|Low|CTO|Acme Inc|ann@x.com|a@acme.com|+1 415 555 0100|1 Main St|Boston|MA|02101|US|boss@x.com|2024-05-01 10:00|2023-05-01 10:00
            502|Bob|Roe||Foo LLC|bob@x.com||+1 415 555 0101|2 Main St|Boston|MA|02102|US|boss@x.com|2024-05-02 10:00|2023-05-02 10:00",
        written: r#"record: person
            key: "Record ID"
            updated_at: "Last Modified Date"
            delivery: changes
            fields:
            given_name: "First Name"
            family_name: "Last Name"
            email: [Email, "Work Email"]
            phone: "Mobile Number"
            street: "Street Address"
            city: City
            region: "State/Province"
            postal_code: "Postal Code"
            country: "Country/Region""#,
    },
    Export {
        of: "a file of research with short headers",
        table: "rec_id|fname|lname|by|bm|bd|postcode
            1|Ann|Low|1949|7|22|2101
            2|Bob|Roe|1968|7|27|2102",
        written: r#"record: person
            key: rec_id
            delivery: changes
            fields:
            given_name: fname
            family_name: lname
            birth_date: {columns: [by, bm, bd], format: "%Y %m %d"}
            postal_code: postcode"#,
    },
    Export {
        of: "a loyalty program with day, month and year",
        table: "matricula|nome completo|dia|mes|ano|whatsapp
            7001|Ana Lima|17|5|1990|(11) 98765-4321
            7002|Rui Melo|3|11|1972|(11) 98765-4322",
        written: r#"record: person
            key: matricula
            delivery: changes
            fields:
            full_name: "nome completo"
            birth_date: {columns: [dia, mes, ano], format: "%d %m %Y"}
            phone: whatsapp"#,
    },
    Export {
        of: "sales, whose day, month and year are no births, and whose number is of an order",
        table: "numero|dia|mes|ano|nome|valor|Documento
            900|17|5|2024|Ana Lima|10,00|NF-1
            901|18|5|2024|Rui Melo|20,00|NF-2",
        written: "record: person
            key: numero
            delivery: changes
            fields:
            full_name: nome",
    },
    Export {
        of: "leads, of which nothing is a key",
        table: "Nome|E-mail|Telefone|Campanha
            Ana Lima|ana@x.com|(11) 98765-4321|verão
            Rui Melo|rui@x.com|(11) 98765-4322|verão",
        written: r#"record: person
            delivery: changes
            fields:
            full_name: Nome
            email: "E-mail"
            phone: Telefone"#,
    },
    Export {
        of: "suppliers with an alphanumeric CNPJ",
        table: "cod_fornecedor|Razão Social|Nome Fantasia|CNPJ|Site|Endereço|Número|Bairro|Município|UF|CEP|Telefone 1|Telefone 2
            F01|Alfa Ltda|Alfa|12.ABC.345/01DE-35|www.alfa.com.br|Rua A|10|Centro|Natal|RN|59010-000|(84) 3222-1111|
            F02|Beta SA|Beta|11.222.333/0001-81|beta.com.br|Rua B|20|Centro|Natal|RN|59010-001|(84) 3222-1112|(84) 98888-1112",
        written: r#"record: organization
            key: cod_fornecedor
            delivery: changes
            fields:
            legal_name: "Razão Social"
            trade_name: "Nome Fantasia"
            website: Site
            tax_id: CNPJ
            phone: ["Telefone 1", "Telefone 2"]
            street: "Endereço"
            house_number: "Número"
            district: Bairro
            city: "Município"
            region: UF
            postal_code: CEP"#,
    },
    Export {
        of: "a Brazilian ERP that calls a name by two words, and a phone too",
        table: "Cód. Cliente|Razão Social / Nome|CPF/CNPJ|Fone / Celular|Cidade/UF|Limite Crédito
            000101|SILVA, ANA|529.982.247-25|(11) 98765-4321|SÃO PAULO/SP|1.250,00
            000102|JOÃO SOUZA|111.444.777-35|(21) 97654-3210|NITERÓI/RJ|10,50
            000103|BIA LEÃO|935.411.347-80|(31) 3344-5566|ITABIRA/MG|0,00",
        written: "record: person
            key: \"Cód. Cliente\"
            delivery: changes
            fields:
            full_name: \"Razão Social / Nome\"
            tax_id: \"CPF/CNPJ\"
            phone: \"Fone / Celular\"",
    },
    Export {
        of: "a web shop whose customer lies inside of an order",
        table: "order_customer.uuid|order_customer.profile.firstName|order_customer.profile.lastName|order_customer.profile.birthday|order_customer.contact.emails|shipping.city|product.name
            a1-00001|Ana|Silva|1980-02-03|ana@exemplo.com.br|Niterói|TV
            a1-00002|João|Souza|1975-11-30|joao@exemplo.com.br|Maceió|TV
            a1-00003|Bia|Leão|1991-07-15|bia@exemplo.com.br|Brasília|Rádio",
        written: "record: person
            key: \"order_customer.uuid\"
            delivery: changes
            fields:
            given_name: \"order_customer.profile.firstName\"
            family_name: \"order_customer.profile.lastName\"
            birth_date: \"order_customer.profile.birthday\"
            email: \"order_customer.contact.emails\"
            city: \"shipping.city\"",
    },
];
