# SPDX-License-Identifier: AGPL-3.0-only
"""Mutation testing: small faults in the contracts, and whether the tests see them.

`operators` makes the faults on the compiler's syntax tree, `sample` draws some,
`suite` knows which test files ask for which contract, `trial` compiles one mutant
and runs those tests against it in a forked, warm process, `board` keeps the
results, `report` writes docs/evidence/mutation.md.
"""
