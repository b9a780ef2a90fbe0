"""GCC's messages in other languages, as the English ones that the rules know.

The sentences are those of GCC's own catalogues (``po/*.po``) for the errors that a changed API makes. What is not
listed stays as it was printed: its place and its evidence are as good as in English.
"""

# ruff: noqa: RUF001  (letters of other alphabets are meant)
from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SENTENCES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("{0} was not declared in this scope", (
        "{0} wurde in diesem Gültigkeitsbereich nicht definiert", "{0} no se declaró en este ámbito",
        "{0} n'a pas été déclaré dans cette portée", "нет декларации {0} в этой области видимости",
        "{0} deklarerades inte i detta definitionsområde", "{0}在此作用域中尚未声明", "{0}在此作用欄位中尚未宣告",
    )),
    ("{0} has no member named {1}", (
        "{0} hat kein Element namens {1}", "{0} no tiene un miembro llamado {1}", "{0} n'a pas de membre nommé {1}",
        "{0}は{1}という名前のメンバを持っていません", "{0} не содержит элемента с именем {1}",
        "{0} har ingen medlem med namnet {1}", "{0}没有名为{1}的成员", "{0}沒具名為{1}的成員",
    )),
    ("{0} is not a member of {1}", (
        "{0} ist kein Element von {1}", "{0} no es un miembro de {1}", "{0} n'est pas un membre de {1}",
        "{0} не является элементом {1}", "{0} är inte en medlem av {1}", "{0}不是{1}的成员", "{0}不是{1}的成員",
    )),
    ("no matching function for call to {0}", (
        "keine passende Funktion für Aufruf von {0}", "no hay una función coincidente para la llamada a {0}",
        "no se encontró una función coincidente para la llamada a {0}",
        "pas de fonction correspondant à l'appel {0}", "pas de fonction concordante pour l'appel à {0}",
        "{0}の呼び出しに適合する関数がありません", "нет соответствующей функции для вызова {0}",
        "нет подходящей функции для вызова {0}", "ingen funktion som stämmer för anrop av {0}",
        "ingen matchande funktion för anrop av {0}", "对{0}的调用没有匹配的函数", "對{0}的呼叫沒有匹配的函式",
    )),
    ("{0} does not name a type", (
        "{0} bezeichnet keinen Typ", "{0} no nombra a un tipo", "{0} ne nomme pas un type",
        "{0} не является именем типа", "{0} är inte namnet på en typ", "{0}不是一个类型名", "{0}沒有命名一個類型",
    )),
    ("{0} has not been declared", (
        "{0} wurde nicht deklariert", "{0} no se ha declarado", "{0} n'a pas été déclaré", "{0} не был декларирован",
        "{0} har inte deklarerats", "{0}未声明",
    )),
    ("{0} is not a class, namespace, or enumeration", (
        "{0} ist weder eine Klasse, noch ein Namensbereich oder eine Aufzählung",
        "{0} n'est pas une classe, un espace de noms ou une énumération",
        "{0} är inte en klass, namnrymd eller uppräkning", "{0} не є класом, простором назв або переліком",
    )),
    ("{0} is private within this context", (
        "{0} ist in diesem Zusammenhang 'private'", "{0} est privé dans ce contexte", "{0} private в данном контексте",
        "{0} är privat inom denna kontext",
    )),
    ("{0} is protected within this context", (
        "{0} ist in diesem Zusammenhang 'protected'", "{0} est protégé dans ce contexte",
        "{0} protected в данном контексте", "{0} är skyddad inom denna kontext",
    )),
    ("{0} is private", ("{0} est privé",)),
    ("{0} is protected", ("{0} est protégé",)),
    ("within this context", ("à l'intérieur du contexte",)),
    ("could not convert {0} from {1} to {2}", (
        "{0} konnte nicht von {1} nach {2} umgewandelt werden", "impossible de convertir {0} de {1} vers {2}",
        "kunde inte konvertera {0} från {1} till {2}",
    )),
    ("cannot convert {0} to {1}", (
        "{0} kann nicht nach {1} umgewandelt werden", "ne peut convertir {0} en {1}",
        "det går inte att konvertera {0} till {1}", "не вдалося перетворити {0} на {1}",
    )),
    ("cannot declare variable {0} to be of abstract type {1}", (
        "Variable {0} kann nicht als vom abstrakten Typ {1} deklariert werden",
        "no se puede declarar que la variable {0} sea del tipo abstracto {1}",
        "ne peut déclarer la variable {0} comme étant de type abstrait {1}",
        "невозможно декларировать переменную {0} с абстрактным типом {1}",
        "det går inte att deklarera variabeln {0} att vara av abstrakt typ {1}",
        "不能将变量{0}声明为具有抽象类型{1}", "不能將變數{0}宣告為具有抽象類型{1}",
    )),
    ("invalid new-expression of abstract class type {0}", (
        "ungültiger new-Ausdruck für abstrakte Klasse {0}",
        "expression 'new' invalide pour le type de classe abstraite {0}",
        "некорректное new-выражения типа абстрактного класса {0}", "ogiltigt new-uttryck av abstrakt klasstyp {0}",
    )),
    ("invalid use of incomplete type {0}", (
        "falsche Verwendung des unvollständigen Typs {0}", "uso no válido del tipo incompleto {0}",
        "utilisation invalide du type incomplet {0}", "некорректное использование неполного типа {0}",
        "ogiltig användning av ofullständig typ {0}", "对不完全的类型{0}的非法使用",
    )),
    ("no declaration matches {0}", (
        "keine Deklaration passt zu {0}", "aucune déclaration ne correspond à {0}",
        "ingen deklaration matchar {0}", "немає оголошень, які відповідають {0}",
    )),
)  # fmt: skip
_OTHER_CAUSES: Final = ("Permission denied", "Is a directory", "Input/output error", "Too many open files")
_HEADERS: Final = (".h", ".hh", ".hpp", ".hxx", ".H", ".inc", ".def")


def _pattern(sentence: str) -> re.Pattern[str]:
    """A quotation at each number; blanks around them are each translator's own."""
    parts = re.split(r" ?\{\d\} ?", sentence)
    numbers = re.findall(r"\{(\d)\}", sentence)
    text = re.escape(parts[0])
    for number, part in zip(numbers, parts[1:], strict=True):
        text += rf" ?'(?P<q{number}>[^']*+)' ?{re.escape(part)}"
    return re.compile(text.removeprefix(" ?"))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Made when the first translated log is read: most are English."""
    return tuple((english, _pattern(other)) for english, others in _SENTENCES for other in others)


@lru_cache(maxsize=5_000)
def in_english(message: str) -> str:
    """The message (with plain quotes) in English, as far as it is one of those that are known."""
    name = message.replace("：", ":").partition(":")[0].rstrip()
    is_header = name.endswith(_HEADERS) and " " not in name
    if is_header and not message.endswith(_OTHER_CAUSES):  # whatever the system's words are: it is not there
        return f"{name}: No such file or directory"
    for english, pattern in _patterns():
        if match := pattern.match(message):
            quoted = {name[1:]: f"'{text}'" for name, text in match.groupdict().items()}
            return re.sub(r"\{(\d)\}", lambda number, quoted=quoted: quoted[number[1]], english)  # type: ignore[misc]
    return message
