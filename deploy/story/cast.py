# SPDX-License-Identifier: GPL-3.0-or-later
"""Who plays: members with groups and passwords, drawn from a seed."""
from dataclasses import dataclass
from random import Random

GIVEN_NAMES = """
Ada Aino Amara Anna Anselm Ayşe Baptiste Beatriz Bjørn Bruno Carmen Chiara Chloé Daan Daniela Dmitri Edda Eleni Emil Esra Fatima
Felix Femi Freya Gabriel Greta Guðrún Hanna Hugo Ida Ilse Ines Ioana Ismael Jakub Jonas José Jürgen Kaja Kateřina Kofi Lars Leila Lena
Łukasz Maja Mateo Mina Nadia Nils Noor Olga Oscar Paula Pedro Petra Quentin Rosa Ruben Samira Sören Tariq Tove Ulla Valentin Wanda
Xenia Yara Yusuf Zoë
""".split()
GROUPS = {"choir": "The choir", "chess": "Chess club", "gardeners": "Gardeners", "night-shift": "Night shift", "rowing": "Rowing crew",
          "board": "The board"}
PLAIN = str.maketrans({"ş": "s", "ø": "o", "é": "e", "ð": "d", "ú": "u", "ü": "u", "ř": "r", "Ł": "l", "ö": "o", "ë": "e"})


@dataclass(frozen=True)
class Person:
    member_id: str
    name: str
    jid: str
    password: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Cast:
    people: tuple[Person, ...]
    newcomer: Person  # comes later
    groups: dict[str, str]  # id → title

    def of(self, group: str) -> list[Person]:
        return [person for person in self.people if group in person.groups]


def draw(chance: Random, count: int, domain: str) -> Cast:
    groups = dict(chance.sample(sorted(GROUPS.items()), 2))
    first, second = groups
    # Everybody is in one, both or none; the first three make sure that no group is empty and none is everybody.
    memberships = [(first,), (second,), ()] + [chance.choice([(first,), (second,), (first, second), ()]) for _ in range(count - 3)]
    chance.shuffle(memberships)
    names = _names(chance, count + 1)
    people = [_person(chance, name, joined, domain) for name, joined in zip(names, [*memberships, (first,)])]
    return Cast(tuple(people[:-1]), people[-1], groups)


def _names(chance: Random, count: int) -> list[str]:
    """When the names do not suffice, all of them are there, and then each a second time, and so on."""
    rounds = [[name if number == 1 else f"{name} {number}" for name in chance.sample(GIVEN_NAMES, len(GIVEN_NAMES))]
              for number in range(1, count // len(GIVEN_NAMES) + 2)]
    return [name for names in rounds for name in names][:count]


def _person(chance: Random, name: str, groups: tuple[str, ...], domain: str) -> Person:
    member_id = name.translate(PLAIN).lower().replace(" ", "-")
    password = "".join(chance.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(12))
    return Person(member_id, name, f"{member_id}@{domain}", password, groups)
