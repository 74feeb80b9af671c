//! RSA keys for tests, and for nothing else: ring makes none.

/// A private key of 2048 bits, PKCS #8 in DER, in base64.
pub(super) const PRIVATE: &str = "\
     MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCTeq1YGnnwAK9nzHaWfWHKCtydtJ7fQ313lTvkyEpaHmyWUmyqg3gP4gFx2R\
     TRLmKuHAwv7oLfLXsyeW6pSC2mKLi116JZi/HdKMmjgUo+9UnKxSJU5HldKNA8wxIzyVlB+8EUeyoxhZ4CRYoftR0QGzNDA/C4pu3ZsXynhxwQ\
     8CeRRVIssYnESJDtIpTDHYGeEB2RJ2IhAaVlm6PGixioltbTfFkSssoyalM/6Ar0kAzEo7OGzR1qwlqjbefI98x+iIcPRC+jDL1BjtzkDNS3Qw\
     AebJA8xqEG8qU1J6kAYI9gVRuKnsK5z8eIqDft/0+PGtW1EfO1LPOamPsaKgn1AgMBAAECggEAEz6CEZnM2Q5B1TXXMJ52TPa7YIHR7FjCbcEF\
     sn4XQ6iuKzRgtSRYHZx0a050GrKmkkkbJwMExUoKRiUV1VWTjVfJeIMFjpFGE4GPxDvp/AqmYST1rKWul4Msnw0mWicXNFa9VGaY9CLXIj1AP5\
     By1SfzebZxKiswJMS1+ydUeHonPGRNNXrgpAsmip+JQfOj5y7e9H3B5Y4Hk7y7y1/KnX4leESB1EDvf5iJeiEmG3f2UNgFZWXA+BLFeNDqXK4a\
     BqfZVsskL5iwd/CJDEu8PVr6+Gvf080M1a+fyHbEIqudlrRbdYdS/dzsgwWXPMTDDkd1dBhx6s1FrRwaThQMsQKBgQDFVUeo1mVi9GLhpAmAze\
     lWt2qm+xgtWNKh86qdAMYcppkHt4ygIQCuRJTWUSfO9FIVn+/V4ddY6gWIQnx9xPuVmg3fXa0cr28KtrgK5lbDMC6G7UILtbh8oEkLDtvQBrKv\
     /1+UZS7DqJgccG6xugIQjFRTc/uLv4g24k5CAnuk5QKBgQC/UxemXXT47lUxBlrMFVPX9Iz0/Cmkef6eczZCMtQ6tNj7bG7x6S2+AXxHQs5EWX\
     KLv5uxeiXeypS8qG6e/amWKWL72lFc0zb1DCUb85WlukNOGHOa4Gat9klJM5+gUxD1XTvXXI4WmxhMv1QXdC2gglomk1K152dPd3sb0GMP0QKB\
     gHQd7oDnR9mmvNjR0dW9VOT2IQgJEPz+G1O5MlgYsHsDfWERHOrNAL2LFZnXP3mEQxj+d/5/WlyzuHWpyd+oHfK2KBub39XVVZ4UTs/7ImrQ21\
     ACJK8HS3vqRZEAOVB74IG33+JOd+oiNv/lGP3z2msqaCSDRy3AksLY//vPwjoRAoGBAIa+so1MjLE0yXL5ksDg1Gfnp85yObHI6XYWlkQRID8o\
     VxjbyVc+biS/TxOxDSw+AtpBXBmmeT1rV013IlF/PQywoTHXFC5X4wC6SPhimSZbBEPgHKsbF7W1GvAfF3EGj47+1sJaQQfSu05yAXtzKx88Lt\
     m0MDBEhRIGiAGSxfHBAoGAab1Lhjo2bXczDLdQlkU80DDFFRaihAK23ixeTD9FyaAyj4gJL6C2t3a6K82QsyXg+XuwcSmnbCjoAsDLeQxiZhgV\
     RFIOo484llR4ToHNSSOZpIEHKZHujiweCnH8cGHxo5p3wtQcIiDl8b1mx+o3TMlAUje17rXcuJh6srxGaw0=\
";

/// The modulus of a key of 1024 bits, in base64url.
pub(super) const SHORT_MODULUS: &str = "\
     1eBhZ6bJRgL6UvuRwoBFULieE_XVTvoGS5hDICjBKJnhfXyxkaS3OK9rOnI6pGAPrOmuaaq7i05JeY0JPpPGlDuZRSdgUMNvsFfTfD1efmp12S\
     G4dhnjtbo6S4XthpkNRmI1x3KMm65ho7fPsxVfxgsPSMyuCBg-ytOU_jdoT9k\
";
