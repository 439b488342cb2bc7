//! HTTPS with a certificate made for the test.

use crate::client::Client;
use crate::running::{CUSTOMER, Running, SCORECARD};
use arrears_serve::http::{HttpOptions, Log, Service, TlsFiles};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn certificate(folder: &Path) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

fn secure(running: &Running, trusted: &str) -> Result<Client, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let mut session = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    match session.complete_io(&mut stream) {
        Ok(_) => Ok(Client::over(StreamOwned::new(session, stream))),
        Err(error) => Err(*error.into_inner().unwrap().downcast().unwrap()),
    }
}

#[test]
fn https_answers_and_takes_a_new_certificate() {
    let running = Running::with(&[SCORECARD], |options, folder| options.tls = Some(certificate(folder)));
    let chain = running.folder.path().join("chain.pem");
    let first = fs::read_to_string(&chain).unwrap();
    let mut client = secure(&running, &first).unwrap();
    for _ in 0..3 {
        let answer = client.request("POST /score", &[], CUSTOMER.as_bytes());
        assert_eq!((answer.status, &answer.json()["id"]), (200, &"c-1".into()));
    }
    certificate(running.folder.path());
    running.service().reload();
    let second = fs::read_to_string(&chain).unwrap();
    assert!(secure(&running, &first).is_err(), "the old certificate is not shown any more");
    assert_eq!(secure(&running, &second).unwrap().request("GET /ping", &[], b"").status, 200);
    assert_eq!(client.request("GET /ping", &[], b"").status, 200, "open connections stay");
    fs::write(&chain, "nothing").unwrap();
    running.service().reload();
    assert!(running.log.text().contains("certificate_not_loaded"));
    assert_eq!(secure(&running, &second).unwrap().request("GET /ping", &[], b"").status, 200);
}

#[test]
fn plain_http_and_noise_get_no_answer() {
    let running = Running::with(&[SCORECARD], |options, folder| {
        options.tls = Some(certificate(folder));
        options.limits.head = Duration::from_millis(500);
    });
    let mut plain = running.client();
    plain.send(b"GET /ping HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert!(plain.answer().is_err());
    let mut silent = running.client();
    assert!(silent.is_closed(), "a handshake that does not begin is cut off");
}

#[test]
fn files_that_do_not_fit_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    crate::running::put(folder.path(), SCORECARD);
    let mut files = certificate(folder.path());
    let other = tempfile::tempdir().unwrap();
    files.key = certificate(other.path()).key;
    let mut options = HttpOptions::new(folder.path());
    options.listen.set_port(0);
    options.tls = Some(files);
    let error = Service::start(&options, Log::to(std::io::sink())).err().unwrap().to_string();
    assert!(error.starts_with("TLS, `"), "{error}");
}
