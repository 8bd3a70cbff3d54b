"""The one door to other people's web servers: the only importer of httpx.

Size, time and redirects are limited, and an address that leads into a private network is refused unless
the publication allows it: the name is resolved here and the connection goes to the very address that was
checked, so that a second answer of the name server cannot lead elsewhere (DNS rebinding).
"""
