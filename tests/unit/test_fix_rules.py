"""Rules: read from what others changed, applied to code that is built alike, and to nothing else."""

from __future__ import annotations

import re

import pytest

from pytest_llvmgate.fix.documented_rules import DOCUMENTED
from pytest_llvmgate.fix.mining import mine
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, applied, matches
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.upstream.hunks import ChangedLines, replacements


def diff(*pairs: tuple[str, str]) -> str:
    text = "diff --git a/x.cpp b/x.cpp\n--- a/x.cpp\n+++ b/x.cpp\n"
    for number, (old, new) in enumerate(pairs):
        removed = "".join(f"-{line}\n" for line in old.split("\n"))
        added = "".join(f"+{line}\n" for line in new.split("\n"))
        text += f"@@ -{number * 10 + 1},1 +{number * 10 + 1},1 @@ void f()\n{removed}{added}"
    return text


def mined(name: str, *pairs: tuple[str, str], is_culprits: bool = True) -> list[str]:
    found = [(one, "it") for one in replacements(diff(*pairs))]
    return [str(rule) for rule in mine(found, {name}, trusted=frozenset({"it"} if is_culprits else ()))]


def edited(code: str, edits: list[Edit]) -> str:
    """Of two that overlap, the first one counts."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        kept += [edit] if not kept or edit.start >= kept[-1].end else []
    return applied(code, kept)[0]


def rewritten(before: str, after: str, code: str) -> str:
    rule = Rule(before=before, after=after, source="a test")
    return edited(code, list(matches(rule, code, 0, len(code))))


# -- hunks ------------------------------------------------------------------------------------------------------------


def test_a_replacement_knows_its_file() -> None:
    assert list(replacements(diff(("a();", "b();"), ("c(\nd);", "e();")))) == [
        ChangedLines(file="x.cpp", removed=("a();",), added=("b();",)),
        ChangedLines(file="x.cpp", removed=("c(", "d);"), added=("e();",)),
    ]


def test_lines_that_are_only_added_or_only_removed_replace_nothing() -> None:
    assert list(replacements("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-gone\n kept\n@@ -9 +8,2 @@\n+new\n kept\n")) == []


def test_a_removed_line_that_begins_with_dashes_is_a_line() -> None:
    assert [one.removed for one in replacements("--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- i;\n+++i;\n")] == [("-- i;",)]


# -- mining -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("applyPatternsAndFold", "if (failed(applyPatternsAndFold(op, p)))", "if (failed(applyGreedily(op, p)))",
         "applyPatternsAndFold -> applyGreedily"),
        ("isa", "if (t.isa<FloatType>())", "if (isa<FloatType>(t))", "$1.isa<$2>() -> isa<$2>($1)"),
        ("tile", "return tile(op, 4);", "return tile(builder, op, 4);", "tile($*1) -> tile(builder, $*1)"),
        ("walk", "x = walk(f(a, b) + 1).done();", "x = walk(f(a, b) + 1, 0).done();", "walk($1) -> walk($1, 0)"),
        ("lhs", "use(op.lhs(), 3);", "use(op.getLhs(), 3);", "lhs -> getLhs"),
        ("Old", "  Old<int> x = make();", "  New<int> x = make();", "Old<$1> -> New<$1>"),
        ("PadOp", "x = linalg::PadOp::make(b, 1);", "x = tensor::make(b, 1);", "linalg::PadOp::make -> tensor::make"),
        ("getA", "auto v = b.getA(ctx);", "auto v = A::get(ctx);", "$1.getA -> A::get"),
    ],
)  # fmt: skip
def test_what_varies_becomes_a_hole(name: str, old: str, new: str, rule: str) -> None:
    assert rule in mined(name, (old, new))


def test_examples_that_differ_in_their_arguments_are_one_rule() -> None:
    pairs = (
        ("auto x = b.create<tosa::AddOp>(loc, t, a);", "auto x = tosa::AddOp::create(b, loc, t, a);"),
        ("return rewriter.create<MulOp>(l);", "return MulOp::create(rewriter, l);"),
    )
    assert mined("create", *pairs, is_culprits=False) == ["$1.create<$2>($*3) -> $2::create($1, $*3)"]


def test_one_example_is_enough_only_from_the_commit_that_did_it() -> None:
    pair = ("use(op.lhs());", "use(op.getLhs());")
    assert mined("lhs", pair) == ["lhs -> getLhs"]
    assert mined("lhs", pair, is_culprits=False) == []


def test_lines_without_the_name_say_nothing_of_it() -> None:
    assert mined("lhs", ("int a = f(1);", "int a = g(1);")) == []


# -- rewriting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("b.create<X>(loc, y);", "X::create(b, loc, y);"),
        (
            "return s->getB().create<a::X<int>>(f(x, y),\n    z);",
            "return a::X<int>::create(s->getB(), f(x, y),\n    z);",
        ),
        ("b.create<X>();", "X::create(b);"),
        ("use(b.create<X>(b.create<Y>(l)));", "use(X::create(b, b.create<Y>(l)));"),
        ("create<X>(b, l);", "create<X>(b, l);"),
        ("b.created<X>(l);", "b.created<X>(l);"),
        ("if (a < b.create && c > d(e)) f();", "if (a < b.create && c > d(e)) f();"),
    ],
)
def test_a_rule_rewrites_code_of_its_structure_alone(code: str, result: str) -> None:
    outermost = list(matches(Rule(before="$b.create<$T>($*a)", after="$T::create($b, $*a)", source=""), code, 0, 999))
    assert edited(code, outermost) == result


@pytest.mark.parametrize(
    ("before", "after", "code", "result"),
    [
        ("$b.make<$T>($*a)", "$T::make($b, $*a)", "p->make<X>(l);", "X::make(*p, l);"),
        ("$b.old($*a)", "$b.now($*a)", "f(x).q->old(1);", "f(x).q->now(1);"),
        ("$b->old($i)", "$i->into($b, $b->end())", "r.old(i);", "i->into(&r, r.end());"),
        ("$x->old()", "now(*$x)", "r.old();", "now(r);"),
        ("$x.old()", "$x[0]", "p->old();", "p->old();"),
    ],
)
def test_an_operand_may_be_reached_by_the_other_sign(before: str, after: str, code: str, result: str) -> None:
    assert rewritten(before, after, code) == result


def test_a_hole_that_stands_twice_is_the_same_twice() -> None:
    assert rewritten("f($a, $a)", "g($a)", "f(x.y(), x.y()); f(x, z);") == "g(x.y()); f(x, z);"


def test_a_function_s_rule_leaves_members_of_that_name_alone() -> None:
    assert (
        rewritten("tile($*a)", "tile(b, $*a)", "x.tile(1); tile(2); ns::tile();")
        == "x.tile(1); tile(b, 2); ns::tile(b);"
    )


def test_names_do_not_grow_together() -> None:
    assert rewritten("Value *", "ValuePtr", "f(Value *a, Value*b, Value *);") == "f(ValuePtr a, ValuePtr b, ValuePtr);"


def test_a_name_that_became_another_statement_is_no_rule() -> None:
    assert mined("Old", ("class Old;", "class New;\nusing Old = New;")) == []


def test_places_of_edits_are_told_as_they_are_afterwards() -> None:
    code = "aa bb cc"
    rule = Rule(before="bb", after="longer", source="")
    text, spans = applied(code, list(matches(rule, code, 0, len(code))))
    assert [text[slice(*span)] for span in spans] == ["longer"]


def test_text_in_comments_and_literals_is_not_code() -> None:
    assert rewritten("old", "new", '// old\n/* old **/ f("old", old);') == '// old\n/* old **/ f("old", new);'


def test_a_long_line_without_any_end_is_read_in_no_time() -> None:
    code = "/*" * 50_000 + "<" * 20_000 + '"' * 50_001
    assert rewritten("old", "new", code) == code


def test_the_statement_around_a_place_ends_with_its_own_semicolon() -> None:
    text = "void f() {\n  a();\n  b(c,\n    d(e));\n  g();\n}\n"
    begin, end = statement_at(text, 4, 5)
    assert text[begin:end].split() == ["b(c,", "d(e));"]


# -- what LLVM documents ----------------------------------------------------------------------------------------------

EXAMPLES = {
    "$b.create<$T>($*args)": ("b.create<X>(loc);", "X::create(b, loc);"),
    "$x->addAttr($*n, Attribute::NoCapture)": (
        "arg->addAttr(Attribute::NoCapture);",
        "arg->addAttr(Attribute::getWithCaptureInfo(arg->getContext(), CaptureInfo::none()));",
    ),
    "$x->addParamAttr($*n, Attribute::NoCapture)": (
        "f->addParamAttr(0, Attribute::NoCapture);",
        "f->addParamAttr(0, Attribute::getWithCaptureInfo(f->getContext(), CaptureInfo::none()));",
    ),
    "$x->addAttr($*n, llvm::Attribute::NoCapture)": (
        "arg->addAttr(llvm::Attribute::NoCapture);",
        "arg->addAttr(llvm::Attribute::getWithCaptureInfo(arg->getContext(), llvm::CaptureInfo::none()));",
    ),
    "$x->addParamAttr($*n, llvm::Attribute::NoCapture)": (
        "call.addParamAttr(0, llvm::Attribute::NoCapture);",
        "call.addParamAttr(0, llvm::Attribute::getWithCaptureInfo(call.getContext(), llvm::CaptureInfo::none()));",
    ),
    "Optional<$*T>": ("Optional<int> x;", "std::optional<int> x;"),
    "llvm::Optional<$*T>": ("llvm::Optional<int> x;", "std::optional<int> x;"),
    "makeArrayRef($*a)": ("makeArrayRef(x, 2);", "ArrayRef(x, 2);"),
    "$b.getInt8PtrTy($*a)": ("b.getInt8PtrTy();", "b.getPtrTy();"),
    "$x->getBasicBlockList().$m($*a)": ("f->getBasicBlockList().insert(at, b);", "f->insert(at, b);"),
    "$x->getInstList().$m($*a)": ("b.getInstList().size();", "b.size();"),
    "$b->getInstList().splice($*a, $x->getInstList())": (
        "b->getInstList().splice(b->end(), from->getInstList());",
        "b->splice(b->end(), from);",
    ),
    "$b->getBasicBlockList().splice($*a, $x->getBasicBlockList())": (
        "f->getBasicBlockList().splice(f->end(), g->getBasicBlockList());",
        "f->splice(f->end(), g);",
    ),
    "Type::getInt8PtrTy($c)": (
        "t = llvm::Type::getInt8PtrTy(c);",
        "t = llvm::PointerType::getUnqual(c);",
    ),
    "Intrinsic::getDeclaration($*a)": ("Intrinsic::getDeclaration(m, i);", "Intrinsic::getOrInsertDeclaration(m, i);"),
}


@pytest.mark.parametrize("rule", DOCUMENTED, ids=lambda rule: rule.before)
def test_a_documented_rule_does_what_its_source_says(rule: Rule) -> None:
    assert re.search(r"LLVM \d\d|https://mlir\.llvm\.org/", rule.source)
    code, wanted = EXAMPLES.get(rule.before) or _example(rule)
    assert edited(code, list(matches(rule, code, 0, len(code)))) == wanted


def _example(rule: Rule) -> tuple[str, str]:
    """The rule itself, its holes being names."""
    names = {"$x": "v", "$y": "w", "$b": "builder", "$*T": "T, U", "$c": "ctx", "$a": "1", "$f": "f", "$i": "i"}
    names |= {"$s": "s"}
    code, wanted = rule.before, rule.after
    for hole, name in names.items():
        code, wanted = code.replace(hole, name), wanted.replace(hole, name)
    assert "$" not in code + wanted
    return f"f({code});", f"f({wanted});"


@pytest.mark.parametrize(
    ("before", "code", "wanted"),
    [
        ("$b.create<$T>($*args)", "b.template create<X>(loc);", "X::create(b, loc);"),
        ("$x.cast<$*T>()", "f(v->getType().template cast<T>());", "f(llvm::cast<T>(v->getType()));"),
    ],
)
def test_a_member_is_the_same_where_a_template_has_to_say_so(before: str, code: str, wanted: str) -> None:
    rule = next(one for one in DOCUMENTED if one.before == before)
    assert edited(code, list(matches(rule, code, 0, len(code)))) == wanted


@pytest.mark.parametrize(
    ("operand", "is_mended"),
    [("f", True), ("b.GetInsertBlock()->getParent()", True), ("make(b)", False), ("f[i++]", False)],
)
def test_what_may_do_something_is_not_done_twice(operand: str, is_mended: bool) -> None:
    rule = next(one for one in DOCUMENTED if one.before == "$f->getBasicBlockList().push_back($b)")
    code = f"{operand}->getBasicBlockList().push_back(b);"
    assert bool(list(matches(rule, code, 0, len(code)))) is is_mended


def test_a_member_that_llvm_renamed_is_renamed() -> None:
    rule = next(one for one in DOCUMENTED if one.before == "hasValue")
    code = "bool f() { return !b.hasValue() && p->hasValue(); }"
    assert edited(code, list(matches(rule, code, 0, len(code)))) == code.replace("hasValue", "has_value")


@pytest.mark.parametrize(
    ("before", "code", "wanted"),
    [
        ("None", "return llvm::None;", "return std::nullopt;"),
        ("None", "return ::mlir::None;", "return std::nullopt;"),
        ("None", "return CodeGenOpt::None;", "return CodeGenOpt::None;"),
        ("None", "return llvm::CodeGenOpt::None;", "return llvm::CodeGenOpt::None;"),
        ("Optional<$*T>", "llvm::Optional<int> f(Optional<T> x);", "std::optional<int> f(std::optional<T> x);"),
        ("Optional<$*T>", "my::Optional<int> f();", "my::Optional<int> f();"),
        ("makeArrayRef($*a)", "f(llvm::makeArrayRef(v));", "f(llvm::ArrayRef(v));"),
    ],
)
def test_a_name_in_llvm_s_namespace_goes_with_that_where_another_has_it_now(
    before: str, code: str, wanted: str
) -> None:
    rule = next(one for one in DOCUMENTED if one.before == before)
    assert edited(code, list(matches(rule, code, 0, len(code)))) == wanted


def test_there_are_a_few_dozen_documented_rules_at_most() -> None:
    assert len(DOCUMENTED) <= 90
    assert len({str(rule) for rule in DOCUMENTED}) == len(DOCUMENTED)


def test_a_name_that_is_qualified_otherwise_is_replaced_with_its_qualifier() -> None:
    pairs = [("  f(llvm::None);", "  f(std::nullopt);"), ("  return llvm::None;", "  return std::nullopt;")]
    rules = mined("None", *pairs)
    assert "llvm::None -> std::nullopt" in rules
    assert "None -> nullopt" not in rules


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("auto f = [&]() -> Optional<int> { return 1; };", "auto f = [&]() -> std::optional<int> { return 1; };"),
        ("auto f(int n) -> Optional<int>;", "auto f(int n) -> std::optional<int>;"),
        ("auto x = f()->Optional<int>();", "auto x = f()->Optional<int>();"),
        ("auto x = a[i]->Optional<int>();", "auto x = a[i]->Optional<int>();"),
    ],
    ids=["lambda", "function", "member of a call", "member of an element"],
)
def test_what_is_returned_is_no_member(code: str, wanted: str) -> None:
    assert rewritten("Optional<$*T>", "std::optional<$*T>", code) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("&i", "(&i)->insertInto(b, b->end())"),
        ("c ? i : j", "(c ? i : j)->insertInto(b, b->end())"),
        ("new Insn(c)", "(new Insn(c))->insertInto(b, b->end())"),
        ("Insn::Create(c)", "Insn::Create(c)->insertInto(b, b->end())"),
    ],
)
def test_what_a_member_is_called_of_is_all_that_was_given(given: str, wanted: str) -> None:
    rule = ("$b->getInstList().push_back($i)", "$i->insertInto($b, $b->end())")
    assert rewritten(*rule, f"b->getInstList().push_back({given});") == f"{wanted};"


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ("if (is_old) ", ";"),
        ("if (is_old)  // it warns\n  ", ";"),
        ("if (is_old) f(); else ", ";"),
        ("for (auto &one : all) ", ";"),
        ("f(); ", ""),
        ("if (is_old) { f(); } ", ""),
    ],
)
def test_what_comes_behind_a_statement_that_goes_is_not_done_in_its_place(before: str, left: str) -> None:
    code = f"{before}c.setOpaquePointers(false); g();"
    assert rewritten("$c.setOpaquePointers($x);", "", code) == f"{before}{left} g();"
