//! Encryption as `sslmode` asks for it.

use crate::address::{Address, SslMode};
use crate::error::PostgresError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What encrypts connections to an address.
///
/// # Errors
/// When the certificates to compare with cannot be read, or are asked for and not named.
pub(crate) fn connector(address: &Address) -> Result<MakeRustlsConnect, PostgresError> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3");
    let config = match address.ssl_mode {
        SslMode::Disable | SslMode::Prefer | SslMode::Require => {
            config.dangerous().with_custom_certificate_verifier(Arc::new(Trust { provider, authority: None }))
        }
        SslMode::VerifyCa => {
            let roots = Arc::new(roots(address)?);
            let authority = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
            let authority = Some(authority.map_err(|e| unusable(address, e.to_string()))?);
            config.dangerous().with_custom_certificate_verifier(Arc::new(Trust { provider, authority }))
        }
        SslMode::VerifyFull => config.with_root_certificates(roots(address)?),
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn roots(address: &Address) -> Result<RootCertStore, PostgresError> {
    let problem = "sslmode asks to compare the server's certificate, and none is named to compare with: add sslrootcert=FILE";
    let file = address.roots.as_deref();
    let file = file.ok_or_else(|| PostgresError::Address { problem: problem.to_owned() })?;
    read_roots(file).map_err(|problem| unusable(address, problem))
}

fn read_roots(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| e.to_string())? {
        let added = roots.add(certificate.map_err(|e| e.to_string())?);
        added.map_err(|e| e.to_string())?;
    }
    match roots.is_empty() {
        true => Err("it holds none; expected certificates as PEM".to_owned()),
        false => Ok(roots),
    }
}

fn unusable(address: &Address, problem: String) -> PostgresError {
    let file = address.roots.as_deref().unwrap_or(Path::new("")).display().to_string();
    PostgresError::Certificates { file, problem }
}

/// Takes the certificate of any server, or of any server that a known authority vouches for. That the server holds the
/// certificate's key is checked in both cases.
#[derive(Debug)]
struct Trust {
    provider: Arc<CryptoProvider>,
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        match authority.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is looked at last, so all else was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
