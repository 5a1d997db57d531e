"""The shipped functions' parts against values that others have published. Ends with 0 if all of them agree."""

import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))

from parbench_runner import params, system
from parbench_runner.errors import RunnerError
from parbench_runner.shipped import arcfour, flags_server, primes, sha

# RFC 6229 (the first octets of the key stream), and three that Wikipedia's article on RC4 has from sci.crypt.
RC4 = (
    (bytes.fromhex("0102030405"), bytes(16), "b2396305f03dc027ccc3524a0a1118a8"),
    (bytes.fromhex("0102030405060708090a0b0c0d0e0f10"), bytes(16), "9ac7cc9a609d1ef7b2932899cde41b97"),
    (b"Key", b"Plaintext", "bbf316e8d940af0ad3"),
    (b"Wiki", b"pedia", "1021bf0420"),
    (b"Secret", b"Attack at dawn", "45a01f645fc35b383552544b9bf5"),
)
# FIPS 180-2, appendix B.
SHA256 = (
    (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (b"a" * 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
)
# The verdicts that the book prints, in its order.
PRIME = (1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0)


class Shipped(unittest.TestCase):
    def test_rc4(self):
        for key, plain, cipher in RC4:
            self.assertEqual(arcfour.Arcfour(key).crypt(plain).hex(), cipher)

    def test_rc4_in_pieces(self):
        whole, pieces = arcfour.Arcfour(b"Secret"), arcfour.Arcfour(b"Secret")
        self.assertEqual(whole.crypt(bytes(9)), pieces.crypt(bytes(4)) + pieces.crypt(bytes(5)))

    def test_sha256(self):
        for hold in (False, True):
            for data, digest in SHA256:
                self.assertEqual(sha.sha256((data,), hold).hex(), digest)

    def test_primes(self):
        for numbers in (primes.NUMBERS[12], (0, 1, 2, 3, 4, 9, 25)):
            verdicts = PRIME if len(numbers) == 20 else (0, 0, 1, 1, 0, 0, 0)
            self.assertEqual(tuple(map(primes.is_prime, numbers)), tuple(map(bool, verdicts)))

    def test_answers(self):
        """Shares come out as they were asked for."""
        codes = [flags_server.answer_for(item, 0.5, 0.25, 1) for item in range(2000)]
        for code, share in ((404, 0.5), (503, 0.25), (200, 0.25)):
            self.assertAlmostEqual(codes.count(code) / 2000, share, delta=0.05)


class Parameters(unittest.TestCase):
    def test_values(self):
        rows = (
            (0, "149k", 149 * 1024, "149KiB"), (0, "1MiB", 1 << 20, "1MiB"), (0, "1500", 1500, "1500"),
            (0, "2kB", 2000, "2000"), (0, "-3", -3, "-3"), (0, "1.5M", 3 << 19, "1536KiB"), (0, "2048", 2048, "2KiB"),
            (0.0, "20ms", 0.02, "0.02"), (0.0, "5%", 0.05, "0.05"), (0.0, "1e3", 1000.0, "1000"),
            (0.0, "-1.5", -1.5, "-1.5"), (False, "1", True, "1"), (True, "no", False, "0"), ("", "a b", "a b", "a b"),
        )
        for default, text, value, spelled in rows:
            param = params.Param("p", default, (), "")
            self.assertEqual(param.parse(text, "w"), value)
            self.assertEqual(param.spell(value), spelled)
            self.assertEqual(param.parse(spelled, "w"), value)

    def test_refused(self):
        for default, text in ((0, "x"), (0, ""), (0, "1.5"), (0, "1q"), (0.0, "20mm"), (0.0, "nan"), (False, "2")):
            with self.assertRaises(RunnerError):
                params.Param("p", default, (), "").parse(text, "w")

    def test_processors(self):
        rows = (("0", {0}), ("0-2,8", {0, 1, 2, 8}), ("", set()))
        for text, processors in rows:
            self.assertEqual(system.parse_processors(text), processors)
        for text in ("x", "1-", "-1", "1,,2", "1-2-3"):
            with self.assertRaises(ValueError):
                system.parse_processors(text)


if __name__ == "__main__":
    unittest.main(verbosity=0)
