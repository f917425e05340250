"""The sentence for an error that a command ends with, or that is logged: its own words, or its docstring and facts."""

from dataclasses import fields, is_dataclass


def sentence(error: Exception) -> str:
    """What a person reads. A fact that the docstring does not name follows in brackets."""
    if type(error).__str__ is not BaseException.__str__:
        return str(error)
    said = " ".join((type(error).__doc__ or "").partition("\n\n")[0].split())
    unsaid = []
    for name, value in _facts(error).items():
        if f"`{name}`" in said:
            said = said.replace(f"`{name}`", str(value))
        elif value is not None:
            unsaid.append(f"{name} {value}")
    return f"{said} [{', '.join(unsaid)}]" if unsaid else said


def _facts(error: Exception) -> dict[str, object]:
    return {each.name: getattr(error, each.name) for each in fields(error)} if is_dataclass(error) else {}
