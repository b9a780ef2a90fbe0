"""Repositories that would run a program: every key of git's configuration that can name one, set to a script."""

from __future__ import annotations

from pathlib import Path

PROGRAM_KEYS = (
    # From `git help --config` and git-config(1): whatever is run, or names what is run.
    ("alias.log", "!{run}"),
    ("alias.status", "!{run}"),
    ("browser.x.cmd", "{run}"),
    ("core.alternateRefsCommand", "{run}"),
    ("core.askPass", "{run}"),
    ("core.editor", "{run}"),
    ("core.fsmonitor", "{run}"),
    ("core.gitProxy", "{run}"),
    ("core.hooksPath", "{hooks}"),
    ("core.pager", "{run}"),
    ("core.sshCommand", "{run}"),
    ("credential.helper", "!{run}"),
    ("diff.evil.command", "{run}"),
    ("diff.evil.textconv", "{run}"),
    ("diff.external", "{run}"),
    ("difftool.x.cmd", "{run}"),
    ("extensions.partialClone", "origin"),
    ("filter.evil.clean", "{run}"),
    ("filter.evil.process", "{run}"),
    ("filter.evil.smudge", "{run}"),
    ("gpg.program", "{run}"),
    ("gpg.openpgp.program", "{run}"),
    ("gpg.ssh.defaultKeyCommand", "{run}"),
    ("gpg.ssh.program", "{run}"),
    ("gpg.x509.program", "{run}"),
    ("interactive.diffFilter", "{run}"),
    ("log.showSignature", "true"),
    ("merge.evil.driver", "{run}"),
    ("mergetool.x.cmd", "{run}"),
    ("pager.cat-file", "{run}"),
    ("pager.log", "{run}"),
    ("pager.status", "{run}"),
    ("protocol.allow", "always"),
    ("protocol.ext.allow", "always"),
    ("remote.origin.promisor", "true"),
    ("remote.origin.receivepack", "{run}"),
    ("remote.origin.uploadpack", "{run}"),
    ("remote.origin.url", "ext::{run}"),
    ("remote.origin.vcs", "ext"),
    ("sendemail.ccCmd", "{run}"),
    ("sequence.editor", "{run}"),
    ("submodule.sub.update", "!{run}"),
    ("tar.evil.command", "{run}"),
    ("trailer.x.command", "{run}"),
    ("uploadpack.packObjectsHook", "{run}"),
    ("web.browser", "{run}"),
)
HOOKS = (
    *(
        "applypatch-msg",
        "pre-applypatch",
        "post-applypatch",
        "pre-commit",
        "post-commit",
        "pre-rebase",
        "post-checkout",
    ),
    *("post-merge", "pre-push", "pre-auto-gc", "post-rewrite", "reference-transaction", "post-index-change"),
    *(
        "fsmonitor-watchman",
        "proc-receive",
        "update",
        "post-update",
        "pre-receive",
        "post-receive",
        "sendemail-validate",
    ),
)
ATTRIBUTES = "* filter=evil diff=evil merge=evil export-subst\n"
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n"


class Trap:
    """A script that leaves a mark, and the ways to have it run."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.mark = directory / "ran"
        self.script = directory / "run"
        self.script.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.mark}\ncat >/dev/null 2>&1 </dev/null\nexit 1\n')
        self.script.chmod(0o755)
        self.hooks = directory / "hooks"
        self.hooks.mkdir(exist_ok=True)
        for name in HOOKS:
            self._link(self.hooks / name)

    def _link(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.symlink_to(self.script)

    @property
    def ran(self) -> str:
        """What the script was called with; empty when it never ran."""
        return self.mark.read_text() if self.mark.exists() else ""

    def value(self, text: str) -> str:
        return text.format(run=self.script, hooks=self.hooks)

    def lines(self, keys: tuple[tuple[str, str], ...] = PROGRAM_KEYS) -> str:
        """Text of a configuration file."""
        found = []
        for key, value in keys:
            section, _, rest = key.partition(".")
            name, _, last = rest.rpartition(".")
            header = f'[{section} "{name}"]' if name else f"[{section}]"
            found.append(f'{header}\n\t{last} = "{self.value(value)}"\n')
        return "".join(found)

    def set_in(self, git_dir: Path, *, how: str, keys: tuple[tuple[str, str], ...] = PROGRAM_KEYS) -> None:
        """Arm a repository: its ``config``, a file that it includes, or its ``config.worktree``."""
        config = git_dir / "config"
        text = config.read_text()
        if how == "include":
            (git_dir / "more").write_text(self.lines(keys))
            text += "[include]\n\tpath = more\n"
        elif how == "includeIf":
            (git_dir / "more").write_text(self.lines(keys))
            text += f'[includeIf "gitdir:{git_dir}"]\n\tpath = more\n[includeIf "gitdir:**"]\n\tpath = more\n'
        elif how == "worktree":
            (git_dir / "config.worktree").write_text(self.lines(keys))
            text += "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n"
        else:
            text += self.lines(keys)
        config.write_text(text)
        (git_dir / "info").mkdir(exist_ok=True)
        (git_dir / "info/attributes").write_text(ATTRIBUTES)
        (git_dir / "hooks").mkdir(exist_ok=True)
        for name in HOOKS:
            self._link(git_dir / "hooks" / name)


def signed_commit(repo: object, *, tree: str = "HEAD^{tree}") -> str:
    """A commit with a signature on top of the repository's HEAD, which becomes it."""
    git = repo.git  # type: ignore[attr-defined]
    parent, root = git("rev-parse", "HEAD"), git("rev-parse", tree)
    when = "Ada <ada@example.org> 1780000000 +0000"
    text = f"tree {root}\nparent {parent}\nauthor {when}\ncommitter {when}\n{SIGNATURE}\nsigned\n"
    commit: str = git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    git("update-ref", "HEAD", commit)
    return commit
