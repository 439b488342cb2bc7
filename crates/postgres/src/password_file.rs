//! The password file, `~/.pgpass`: lines `host:port:database:user:password`, in which `*` stands for any value.

use std::fs;
use std::path::Path;

/// The password of the first line that fits; `None` where there is none, or others may read the file.
pub(crate) fn password(file: &Path, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    if open_to_others(file) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    // A Unix socket stands there as `localhost`, when it is in the usual place, or by its folder.
    let usual = host == "/var/run/postgresql" || host == "/tmp";
    let hosts: &[&str] = if usual { &[host, "localhost"] } else { &[host] };
    let port = port.to_string();
    let wanted: [&[&str]; 4] = [hosts, &[&port], &[database], &[user]];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let fits = wanted.iter().all(|values| {
            fields.next().is_some_and(|field| field == "*" || values.contains(&unescaped(field).as_str()))
        });
        fields.next().filter(|_| fits).map(unescaped)
    })
}

/// The first five fields of a line, as they stand: a colon behind a backslash does not end one.
fn fields(line: &str) -> Vec<&str> {
    let (mut fields, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in line.char_indices() {
        match c {
            ':' if !escaped && fields.len() < 5 => {
                fields.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    fields.push(&line[start..]);
    fields
}

fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    text
}

/// As libpq does, a file that others may read is passed over.
#[cfg(unix)]
fn open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_file: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::password;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_line_that_fits() {
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("pgpass");
        let lines = "# a note\nother:5432:d:u:no\nh:5432:d:u:a\\:b\\\\c\nh:*:*:v:second:rest\nlocalhost:*:*:*:socket\n::1\nshort:1\n";
        fs::write(&file, lines).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let of = |host: &str, port, user: &str| password(&file, host, port, "d", user);
        assert_eq!(of("h", 5432, "u").as_deref(), Some("a:b\\c"));
        assert_eq!(of("h", 1, "v").as_deref(), Some("second"));
        assert_eq!(of("h", 1, "u"), None);
        assert_eq!(of("/tmp", 1, "x").as_deref(), Some("socket"));
        assert_eq!(of("/elsewhere", 1, "x"), None);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(of("h", 5432, "u"), None);
        assert_eq!(password(&room.path().join("none"), "h", 1, "d", "u"), None);
    }
}
