//! Organizations: what joins them is told by name, and what persons judge of them holds.

use crate::identity::json;
use crate::judgements::{judge, partition, refused};
use serde_json::Value;
use vinculo_tests::Stage;

const YAML: &str = "project: distribuidora
country: BR
sources:
  crm:
    connector: files
    path: crm.csv
    record: organization
    key: id
    fields: {legal_name: name, tax_id: cnpj, email: email, phone: phone, website: site, street: street,
      house_number: number, city: city}
";

/// A bakery in two spellings, a garage, and a market that nobody knows much of.
const CRM: &str = "id,name,cnpj,email,phone,site,street,number,city
1,Padaria Estrela Ltda,11.222.333/0001-81,contato@padariaestrela.com.br,1133334444,padariaestrela.com.br,Rua Augusta,100,São Paulo
2,Padaria Estrela,,contato@padariaestrela.com.br,1133334444,padariaestrela.com.br,Rua Augusta,100,São Paulo
3,Oficina do Zeca Ltda,11.444.777/0001-61,zeca@oficinadozeca.com.br,4133221100,,Rua das Flores,7,Curitiba
4,Mercado Boa Vista,,,8532221111,,Avenida Beira Mar,2000,Fortaleza
";

async fn stage() -> Stage {
    let stage = Stage::new(YAML, &[("crm.csv", CRM.as_bytes())]).await;
    stage.run(&[]);
    assert_eq!(partition(&stage).await, "1 2, 3, 4");
    stage
}

#[tokio::test]
async fn two_organizations_are_judged_the_same_and_different_and_each_word_can_be_withdrawn() {
    let stage = stage().await;
    for (words, expected) in
        [(["same", "crm", "3", "crm", "4"], "1 2, 3 4"), (["different", "crm", "1", "crm", "2"], "1, 2, 3, 4")]
    {
        let judged = judge(&stage, &words);
        assert!(judged["applied"]["published"]["changes"].is_object(), "{judged}");
        assert_eq!(partition(&stage).await, expected, "{words:?}");
        stage.run(&["--full"]);
        assert_eq!(partition(&stage).await, expected, "{words:?}, under a new model");
        stage.verify();
        judge(&stage, &["withdraw", &judged["judgement"]["judgement"].to_string()]);
        assert_eq!(partition(&stage).await, "1 2, 3, 4", "after {words:?} was withdrawn");
        stage.verify();
    }
}

#[tokio::test]
async fn two_organizations_of_two_valid_identifiers_are_not_judged_the_same() {
    let stage = stage().await;
    let answer = refused(&stage, &["same", "crm", "1", "crm", "3"]);
    assert_eq!((&answer["outcome"], &answer["excluded"]["left"]["attribute"]), (&"excluded".into(), &"tax_id".into()));
    assert_eq!(stage.count("SELECT count(*) FROM audit.judgement").await, 0);
}

#[tokio::test]
async fn the_story_of_an_organization_names_the_evidence_as_explain_does() {
    let stage = stage().await;
    let story = json(&stage, &["how", "crm", "1", "--json"]);
    let told = story["steps"][0]["joins"][0]["levels"].as_array().expect("levels").clone();
    let explained = json(&stage, &["explain", "crm", "1", "crm", "2", "--json"]);
    let of = |steps: &Value| -> Vec<(Value, Value)> {
        let steps = steps.as_array().expect("a list");
        steps.iter().map(|step| (step["comparison"].clone(), step["level"].clone())).collect()
    };
    assert_eq!(of(&Value::from(told)), of(&explained["waterfall"]["steps"]), "{story}\n{explained}");
    let text = stage.vinculo(&["how", "crm", "1"]).stdout;
    for evidence in ["name: alike in 10 of 10", "website: ", "email: ", "phone: ", "address: "] {
        assert!(text.contains(evidence), "{evidence} in {text}");
    }
}
