//! A small shop whose three systems disagree: the stage of most scenarios.

use vinculo_tests::Stage;

/// The project: a Windows-1252 CSV with `;`, JSON Lines, and a plain CSV with persons and companies.
pub const YAML: &str = "project: quitanda
country: BR
sources:
  crm:
    connector: files
    path: crm.csv
    encoding: windows-1252
    record: person
    key: codigo
    updated_at: {column: alterado, format: '%d/%m/%Y %H:%M'}
    trust: 80
    fields:
      full_name: nome
      birth_date: {column: nascimento, format: '%d/%m/%Y'}
      tax_id: cpf
      email: email
      phone: [telefone, celular]
      city: cidade
  webshop:
    connector: files
    path: webshop.jsonl
    record: person
    key: id
    fields: {given_name: first, family_name: last, birth_date: born, email: email, phone: phone, tax_id: cpf}
  erp:
    connector: files
    path: erp.csv
    record: auto
    key: [filial, numero]
    fields: {name: nome, tax_id: documento, email: email, phone: fone, city: cidade, postal_code: cep}
";

/// The customers of the CRM.
pub const CRM: &str = "codigo;nome;nascimento;cpf;email;telefone;celular;cidade;alterado
1;Maria Aparecida da Conceição;12/05/1980;529.982.247-25;maria.conceicao@gmail.com;(11) 3456-7890;(11) 98765-4321;São Paulo;01/02/2026 10:00
2;João Batista de Souza;30/11/1975;111.444.777-35;;;(21) 99876-5432;Rio de Janeiro;05/03/2026 08:30
3;Ana Lúcia Gonçalves;31/02/1990;000.000.000-00;ana.goncalves@uol.com.br;;(31) 98888-7777;Belo Horizonte;
4;Pedro Henrique Araújo;08/08/1988;;pedro.araujo@terra.com.br;;(41) 99999-1234;Curitiba;10/01/2026 09:15
5;Francisca das Chagas Lima;22/07/1962;390.533.447-05;;(85) 3222-1111;;Fortaleza;11/04/2026 17:45
";

/// The customers of the web shop.
pub const WEBSHOP: &str = r#"{"id": 901, "first": "Maria", "last": "A. Conceicao", "born": "1980-05-12", "email": "MARIA.CONCEICAO@gmail.com", "phone": "+5511987654321", "cpf": "52998224725"}
{"id": 902, "first": "Joao", "last": "Souza", "born": "1975-11-30", "email": "joao.souza@hotmail.com", "phone": "21998765432", "cpf": "111.444.777-35"}
{"id": 903, "first": "Ana Lucia", "last": "Goncalves", "born": null, "email": "ana.goncalves@uol.com.br", "phone": "31 98888 7777"}
{"id": 904, "first": "Paula", "last": "Araújo", "born": "1991-01-15", "email": "pedro.araujo@terra.com.br", "phone": "41999991234", "cpf": "168.995.350-09"}
{"id": 905, "first": "Chica", "last": "Lima", "born": "1962-07-22", "phone": "8532221111", "cpf": "390.533.447-05"}
"#;

/// The customers of the ERP, companies among them.
pub const ERP: &str = "filial,numero,nome,documento,email,fone,cidade,cep
01,1,PADARIA ESTRELA LTDA,11.222.333/0001-81,contato@padariaestrela.com.br,(11) 3333-4444,SAO PAULO,01310-100
01,2,MARIA APARECIDA DA CONCEICAO,529.982.247-25,,11987654321,SAO PAULO,
02,1,Padaria Estrela Ltda. ME,11222333000181,contato@padariaestrela.com.br,1133334444,São Paulo,01310100
02,2,PEDRO H ARAUJO,,pedro.araujo@terra.com.br,41999991234,CURITIBA,
02,3,Francisca Lima,39053344705,,,FORTALEZA,
";

/// The shop, nothing run yet.
pub async fn shop() -> Stage {
    let crm = windows_1252(CRM);
    Stage::new(YAML, &[("crm.csv", &crm), ("webshop.jsonl", WEBSHOP.as_bytes()), ("erp.csv", ERP.as_bytes())]).await
}

/// Text as a Windows program of Brazil would write it.
pub fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a character of Windows-1252")).collect()
}
