//! An auditor's questions, as `docs/how-to/audit.md` has them, asked of customers and records taken at random.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};

use super::markdown::{Table, count};
use super::setting::Setting;

/// How often each question is asked.
const TIMES: usize = 200;
/// The first of them are not counted: Postgres fills its caches.
const WARM_UP: usize = 20;

/// Two records of one customer and what else questions are asked about. Half of the customers have a past, where there are
/// any that do.
const SUBJECTS: &str = "
    WITH changed AS (SELECT customer_id FROM vinculo.customer_history ORDER BY random() LIMIT 100),
    chosen AS (
        SELECT customer_id FROM crm.customer WHERE customer_id IN (SELECT customer_id FROM changed)
        UNION
        (SELECT customer_id FROM crm.customer WHERE record_count > 1 ORDER BY random() LIMIT 200)
    )
    SELECT c.customer_id AS customer, a.source, a.source_key AS key, b.source AS other_source, b.source_key AS other_key,
        clock_timestamp() AS time, c.publication, (SELECT max(model_version) FROM vinculo.model) AS model,
        (SELECT max(delivery_id) FROM vinculo.delivery) AS delivery, c.change_seq AS cursor
    FROM chosen JOIN crm.customer c USING (customer_id)
    CROSS JOIN LATERAL (SELECT * FROM crm.customer_source m WHERE m.customer_id = c.customer_id ORDER BY record_id LIMIT 1) a
    CROSS JOIN LATERAL (SELECT * FROM crm.customer_source m WHERE m.customer_id = c.customer_id ORDER BY record_id DESC LIMIT 1) b
    ORDER BY random() LIMIT 200";

/// A question and the statement that answers it.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    asked: String,
    statement: String,
}

/// Asks every question many times, in the role that auditors have, and shows how long the answers took.
pub fn measure(setting: &Setting<'_>, database: &str) -> Result<String> {
    let page = setting.root().join("docs/how-to/audit.md");
    let questions = questions(&std::fs::read_to_string(&page).with_context(|| page.display().to_string())?);
    ensure!(!questions.is_empty(), "{} asks nothing", page.display());
    let subjects = subjects(setting, database)?;
    let folder = setting.folder("auditor")?;
    let answered = ask(setting, database, &folder.join("auditor.sql"), &script(&questions, &subjects))?;
    ensure!(answered.len() == questions.len() * subjects.len(), "not every question was answered");
    let mut table = Table::new(&["auditor's question", "p50 ms", "p99 ms", "most rows"]);
    for (place, question) in questions.iter().enumerate() {
        let mut own: Vec<(f64, u64)> = answered.iter().skip(place).step_by(questions.len()).copied().collect();
        own.drain(..WARM_UP.min(own.len()));
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        let within = |share: f64| own[((own.len() as f64 * share).ceil() as usize).clamp(1, own.len()) - 1].0;
        let rows = own.iter().map(|(_, rows)| *rows).max().unwrap_or_default();
        table.row([question.asked.clone(), format!("{:.2}", within(0.5)), format!("{:.2}", within(0.99)), count(rows)]);
    }
    Ok(table.finish())
}

/// The questions of the page: a line in bold, then the statement.
fn questions(page: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    let (mut asked, mut statement) = (None, None);
    for line in page.lines() {
        match (&mut statement, line) {
            (None, "```sql") => statement = Some(String::new()),
            (None, line) => {
                asked = line.strip_prefix("**").and_then(|bold| bold.split("**").next()).map(str::to_owned).or(asked)
            }
            (Some(_), "```") => {
                let (asked, statement) = (asked.take().unwrap_or_default(), statement.take().unwrap_or_default());
                questions.push(Question { asked, statement });
            }
            (Some(statement), line) => _ = writeln!(statement, "{line}"),
        }
    }
    questions
}

/// What is asked about, each as names and values.
fn subjects(setting: &Setting<'_>, database: &str) -> Result<Vec<Vec<(String, String)>>> {
    let output = setting.psql(database, &["--csv", "--command", SUBJECTS])?.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "psql ended with {}", output.status);
    let mut rows = csv::Reader::from_reader(&output.stdout[..]);
    let names: Vec<String> = rows.headers()?.iter().map(str::to_owned).collect();
    let named = |row: csv::StringRecord| names.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    let subjects: Vec<Vec<(String, String)>> = rows.records().map(|row| row.map(named)).collect::<Result<_, _>>()?;
    ensure!(subjects.len() > WARM_UP, "{} customers are too few to ask about", subjects.len());
    Ok(subjects.into_iter().take(TIMES).collect())
}

/// Asks all questions of each subject. After each answer stands its time, then how many rows it had.
fn script(questions: &[Question], subjects: &[Vec<(String, String)>]) -> String {
    let mut script = String::from("SET ROLE vinculo_auditor;\n\\o /dev/null\n\\timing on\n");
    for subject in subjects {
        for (name, value) in subject {
            let _ = writeln!(script, "\\set {name} '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
        }
        for question in questions {
            script.push_str(&question.statement);
            script.push_str("\\echo Rows: :ROW_COUNT\n");
        }
    }
    script
}

/// Milliseconds and rows of each answer.
fn ask(setting: &Setting<'_>, database: &str, path: &Path, script: &str) -> Result<Vec<(f64, u64)>> {
    std::fs::write(path, script)?;
    let mut psql = setting.psql(database, &["--file"])?;
    let output = psql.arg(path).stderr(Stdio::inherit()).output().context("psql cannot be started")?;
    ensure!(output.status.success(), "psql ended with {}", output.status);
    let (mut answered, mut took) = (Vec::new(), None);
    for line in String::from_utf8(output.stdout)?.lines() {
        if let Some(time) = line.strip_prefix("Time: ") {
            took = Some(time.split(' ').next().unwrap_or_default().parse::<f64>()?);
        } else if let Some(rows) = line.strip_prefix("Rows: ") {
            let Some(took) = took.take() else { bail!("an answer has no time") };
            answered.push((took, rows.parse()?));
        }
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_the_bold_line_before_its_statement() {
        let page = "# Title\n**Which?** More of it.\n```sql\nSELECT 1\nFROM x;\n```\n\n**How,\n**Why?**\n```sql\nSELECT 2;\n```\n```sh\nls\n```\n";
        let expected = [("Which?", "SELECT 1\nFROM x;\n"), ("Why?", "SELECT 2;\n")]
            .map(|(asked, statement)| Question { asked: asked.to_owned(), statement: statement.to_owned() });
        assert_eq!(questions(page), expected);
    }

    #[test]
    fn every_question_is_asked_of_every_subject() {
        let question =
            |text: &str| Question { asked: text.to_owned(), statement: format!("SELECT :'key' -- {text}\n;\n") };
        let subjects = ["1", "it's"].map(|key| vec![("key".to_owned(), key.to_owned())]);
        let script = script(&[question("a"), question("b")], &subjects);
        assert_eq!(script.matches("\\echo Rows").count(), 4);
        assert!(script.contains("\\set key 'it''s'\n"));
    }
}
