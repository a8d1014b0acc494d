# OpenSSL (TLS, SHA-256) as og::openssl.
find_package(OpenSSL REQUIRED)
add_library(og_openssl INTERFACE)
target_link_libraries(og_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
add_library(og::openssl ALIAS og_openssl)
