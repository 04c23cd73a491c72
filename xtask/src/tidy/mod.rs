//! Our own rules, checked by our own code.
//!
//! | module | its rule |
//! |---|---|
//! | `arrows` | which crate may use which |
//! | `dependencies` | licenses and origins of what others wrote |
//! | `texts` | length, names and words of our files |
//! | `deployment` | the files for Docker hold together |

mod arrows;
mod dependencies;
mod deployment;
mod license;
mod texts;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// Checks every rule and prints everything that is wrong at once.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = arrows::findings(&workspace.metadata);
    findings.extend(dependencies::findings(&workspace.metadata));
    findings.extend(texts::findings(workspace.root())?);
    findings.extend(deployment::findings(workspace.root())?);
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("{} of our own rules are broken", findings.len())
}
