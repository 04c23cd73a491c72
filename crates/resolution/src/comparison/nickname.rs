//! Short and pet forms of given names, Portuguese, English and German, folded.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Each line: forms that may stand for one another. A form may stand in two lines at most.
const GROUPS: &[&str] = &[
    "francisco chico kiko xico paco fco",
    "jose ze zeca zezinho pepe",
    "antonio anto tonho toninho tony toni antony anthony",
    "joao joaozinho jonny john johnny jack jon johannes hans",
    "maria ma mariazinha mary molly mia",
    "carlos carlinhos charles charlie chuck karl",
    "eduardo edu dudu edward ed eddie ted",
    "fernando nando",
    "fernanda nanda",
    "roberto beto robert bob rob bobby robbie",
    "alberto beto albert al bert",
    "paulo paulinho paul",
    "pedro pedrinho peter pete",
    "luiz luis lula luizinho louis lewis",
    "ricardo rick richard dick rich",
    "daniel dani dan danny",
    "daniela dani daniella",
    "gabriel gabi gabe",
    "gabriela gabi gabriella",
    "isabel bel isa isabela bela isabella elizabeth",
    "rafael rafa raphael",
    "rafaela rafa",
    "guilherme gui william will bill billy liam wilhelm",
    "henrique rique henry harry heinrich heinz",
    "leonardo leo leonard",
    "marcelo celo",
    "patricia pati paty trish tricia pat",
    "beatriz bia beatrice",
    "ana aninha anna anne annie",
    "adriana dri adri",
    "cristina cris tina kris christina christine",
    "cristiane cris christiane",
    "alexandre xande ale alexander alex sandro",
    "alessandra ale sandra",
    "aparecida cida cidinha",
    "conceicao ceica sao",
    "terezinha tereza tete teresa theresa terry",
    "sebastiao tiao sebastian seb",
    "raimundo mundinho raymond ray",
    "severino bio",
    "manoel manuel mane manolo",
    "vitoria vivi victoria vicky",
    "viviane vivi",
    "juliana ju juliane",
    "luciana lu luciane",
    "lucia lu lucinha lucy",
    "marcia marcinha",
    "mateus teus matheus matthew matt",
    "thiago tiago james jim jimmy jamie",
    "elizabeth liz beth betty eliza lizzie",
    "elisabete bete beth",
    "katherine kate katie kathy catherine cathy catarina",
    "margaret maggie peggy meg margarida",
    "susan sue susie susana suzana",
    "jennifer jen jenny",
    "jessica jess jessie",
    "rebecca becky becca",
    "deborah debbie deb debora",
    "michael mike mick mickey miguel",
    "joseph joe joey",
    "thomas tom tommy tomas",
    "david dave davy davi",
    "stephen steve steven estevao stefan",
    "andrew andy drew andre",
    "christopher chris kit cristovao",
    "nicholas nick nicolas nico",
    "benjamin ben benny",
    "samuel sam sammy",
    "samantha sam sammy",
    "gregory greg gregorio",
    "timothy tim",
    "kenneth ken kenny",
    "ronald ron ronnie ronaldo",
    "donald don donny",
    "lawrence larry lourenco",
    "zachary zach zack",
    "joshua josh",
    "jonathan jon",
    "nathaniel nate nathan",
    "theodore theo ted",
    "frederick fred freddie frederico",
    "philip phil filipe felipe",
    "lachlan lachie",
    "georgia georgie",
    "abigail abby abbey",
    "eleanor ellie nell",
    "oliver ollie",
    "olivia liv",
    "isaac zac",
    "mitchell mitch",
    "vincent vince vicente",
    "marcos marquinhos quinho marcus mark",
    "ana nana naninha",
    "adilson dilson",
    "benedito dito bene",
    "claudia claudinha",
    "cicero cico",
    "geraldo gera",
    "josefa zefa zefinha",
    "jorge jorginho george",
    "sergio serginho",
    "sonia soninha",
    "rosangela rosa",
    "valdemar demar",
    "wellington ton",
    "rodrigo digo rod",
    "felipe lipe filipe",
    "gustavo guga gus",
    "augusto guto",
    "caroline carol carolina",
    "camila mila",
    "tatiana tati tatiane",
    "vanessa nessa",
    "jaqueline jaque jackie",
    "simone si",
    "sandra sandrinha",
    "silvia silvinha sylvia",
    "regina rege",
    "rosemary rose roseli",
    "renata re renatinha",
    "nathalia nati natalia nat",
    "leticia le leti",
    "larissa lari",
    "mariana mari",
    "marina mari",
];

static GROUPS_OF_FORMS: LazyLock<FxHashMap<&str, [u8; 2]>> = LazyLock::new(|| {
    let mut groups_of: FxHashMap<&str, [u8; 2]> = FxHashMap::default();
    for (group, number) in GROUPS.iter().zip(1..) {
        for form in group.split(' ') {
            let groups = groups_of.entry(form).or_default();
            // A form that stands twice in one line is in one group.
            let known = groups.contains(&number);
            if let Some(free) = groups.iter_mut().find(|group| **group == 0).filter(|_| !known) {
                *free = number;
            }
        }
    }
    groups_of
});

/// The groups that a given name belongs to, by number from 1; 0 where there is none.
pub fn groups(word: &str) -> [u8; 2] {
    GROUPS_OF_FORMS.get(word).copied().unwrap_or_default()
}

/// Whether two names share a group.
pub fn share_group(a: [u8; 2], b: [u8; 2]) -> bool {
    a.iter().any(|group| *group != 0 && b.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_stand_for_their_names() {
        for (a, b, expected) in [
            ("chico", "francisco", true),
            ("fco", "francisco", true),
            ("ma", "maria", true),
            ("beto", "alberto", true),
            ("beto", "roberto", true),
            ("roberto", "alberto", false),
            ("ana", "maria", false),
        ] {
            assert_eq!(share_group(groups(a), groups(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn every_group_has_a_number() {
        assert!(GROUPS.len() < 255);
    }
}
