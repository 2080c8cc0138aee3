"""Every error that wikiagent raises on purpose.

    WikiagentError               exit 2   the user can put it right; the message says how
    ├── ConfigError                       wikiagent.toml, the environment or a flag is wrong
    ├── SourceError                       a source does not exist, is no archive, or is not safe to unpack
    ├── EvidenceError                     a path or a line range that the snapshot does not have
    ├── WikiError                         the wiki folder cannot be used
    ├── ExportError                       an export cannot be written where it should go
    ├── StoreError                        the store (index, ledger) cannot be used
    ├── DraftError                        an unknown draft, or a decision that its state does not allow
    ├── AnswerError                       a model answered, but with nothing that a page can be made of
    │   ├── RefusedError                  and asking again would not help: a refusal, a content filter
    │   └── ContextError                  the request is longer than the model's context
    ├── BudgetError                       a call would go over a limit of the run; caught, the run ends in good order
    └── RemoteError              exit 4   the network, an index or a model failed; trying again may help
        └── CallError                     one call of a model failed, repeated as often as the settings say

`exit_code` is what the command line ends with. Errors of libraries are translated where they are called;
nothing here knows of the command line.
"""


class WikiagentError(Exception):
    """Base of all errors that are shown to the user as one sentence."""

    exit_code = 2


class ConfigError(WikiagentError):
    """A setting is wrong."""


class SourceError(WikiagentError):
    """A source cannot be had or is not safe."""


class EvidenceError(WikiagentError):
    """A cited place is not in the snapshot."""


class WikiError(WikiagentError):
    """A wiki folder cannot be used."""


class ExportError(WikiagentError):
    """An export cannot be written to its place."""


class StoreError(WikiagentError):
    """A store cannot be used."""


class DraftError(WikiagentError):
    """A decision about a draft is not possible."""


class RemoteError(WikiagentError):
    """Something beyond this machine failed."""

    exit_code = 4


class CallError(RemoteError):
    """One call of a model failed for good; the next one may succeed."""


class AnswerError(WikiagentError):
    """A model's answer cannot be used."""


class RefusedError(AnswerError):
    """A model, or a filter before it, refuses to answer."""


class ContextError(AnswerError):
    """A request is longer than a model's context."""


class BudgetError(WikiagentError):
    """A call would go over a limit that the user set."""
