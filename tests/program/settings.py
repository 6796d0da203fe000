"""cutoutd.conf and cutoutd.conf(5) show each setting with its default and its sentence, and no other."""
import pathlib
import re
import subprocess
import sys


def one_line(text):
    return " ".join(text.split())


def in_conf(text):
    """Settings of the commented file: (section, key) -> (default, sentence)."""
    found, section, sentence = {}, None, []
    for line in text.splitlines():
        if heading := re.fullmatch(r"\[(\w+).*\]", line):
            section = heading[1]
        elif setting := re.fullmatch(r"#?(\w+) =(.*)", line):
            found[section, setting[1]] = (setting[2].strip(), one_line(" ".join(sentence)))
        if line.startswith("# "):
            sentence.append(line[2:])
        else:
            sentence = []
    return found


def in_man_page(text):
    """The same of the man page."""
    text = re.sub(r"\\([-e])", lambda escape: {"-": "-", "e": "\\"}[escape[1]], text)
    found, section = {}, None
    for part in re.split(r"^(?=\.SH|\.TP)", text, flags=re.M):
        if heading := re.match(r"\.SH SECTION \[(\w+)", part):
            section = heading[1]
        elif part.startswith(".SH"):
            section = None
        elif section:
            setting = re.match(r"\.TP\n\.BR (\w+) .*\n((?:.|\n)*)\.br\n((?:.|\n)*)", part)
            default = one_line(setting[3]).removeprefix("Default: ")
            found[section, setting[1]] = ("" if default == "none" else default,
                                          one_line(setting[2]))
    return found


def main(print_settings, conf):
    table = subprocess.run([print_settings], check=True, capture_output=True, text=True).stdout
    commented = in_conf((conf / "cutoutd.conf").read_text())
    manual = in_man_page((conf / "cutoutd.conf.5").read_text())
    wrong = []
    for row in table.splitlines():
        section, key, _, default, sentence = row.split("\t")
        where = f"[{section}] {key}"
        required = default == "(required)"
        shown = commented.pop((section, key), None)
        if shown is None or shown[1] != sentence or (shown[0] != default and not required):
            wrong.append(f"cutoutd.conf: {where}: {shown}, not {(default, sentence)}")
        told = manual.pop((section, key), None)
        sentence = sentence[0].upper() + sentence[1:] + "."
        if told != ("Required." if required else default, sentence):
            wrong.append(f"cutoutd.conf.5: {where}: {told}, not {(default, sentence)}")
    wrong += [f"cutoutd.conf: no such setting: {key}" for key in commented]
    wrong += [f"cutoutd.conf.5: no such setting: {key}" for key in manual]
    return "\n".join(wrong) or 0


sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
