"""How many signatures a second the bare primitive makes: two threads, nothing else to do. Prints one number.

primitive.py rsa|ed25519 SECONDS
"""

import sys
import threading
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

THREADS = 2
DATA = b"x" * 900  # about what the signed headers of a message come to


def main() -> None:
    """Sign for so many seconds."""
    algorithm, seconds = sys.argv[1], float(sys.argv[2])
    if algorithm == "rsa":
        rsa, padding, digest = generate_private_key(65537, 2048), PKCS1v15(), SHA256()
        rate = measure(lambda: rsa.sign(DATA, padding, digest), seconds)
    else:
        ed25519 = Ed25519PrivateKey.generate()
        rate = measure(lambda: ed25519.sign(DATA), seconds)
    print(rate)


def measure(sign, seconds: float) -> float:
    """Calls a second, all threads together."""
    counts = [0] * THREADS
    end = time.perf_counter() + seconds

    def work(thread: int) -> None:
        while time.perf_counter() < end:
            sign()
            counts[thread] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


if __name__ == "__main__":
    main()
