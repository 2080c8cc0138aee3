; Where insights hint at themselves in Python code. The name of a capture is the kind of signal; captures whose
; names begin with an underscore only serve the predicates. `signals.py` turns each capture into a signal.

; A warning that users see.
(call function: (attribute object: (_) @_object attribute: (identifier) @_name)
  (#eq? @_object "warnings") (#eq? @_name "warn")) @warning
(call function: (attribute object: (_) @_object attribute: (identifier) @_name)
  (#match? @_object "[Ll][Oo][Gg]") (#any-of? @_name "warn" "warning" "warning_once" "warn_once" "warning_advice")) @warning
(call function: (identifier) @_name
  (#match? @_name "^_?([a-z0-9]+_)*warn(ing)?(_once|_rank0)?$|^deprecate$")) @warning

; An error that stops what does not fit together.
(raise_statement . [(call) (identifier)]) @error
(assert_statement (_) . [(string) (concatenated_string) (parenthesized_expression) (binary_operator)] .) @error

; Comments; adjoining lines are joined.
(comment) @comment

; The help text of a field or of a command-line option.
(pair key: (string (string_content) @_key) (#eq? @_key "help")) @help
(keyword_argument name: (identifier) @_key value: [(string) (concatenated_string) (parenthesized_expression)]
  (#any-of? @_key "help" "description")) @help

; A decorator that deprecates.
(decorator (call function: (_) @_name) (#match? @_name "deprecat")) @deprecation
(decorator [(identifier) (attribute)] @_name (#match? @_name "deprecat")) @deprecation

; Whether a package is there.
(call function: (_) @_name arguments: (argument_list . (string))
  (#match? @_name "(find_spec|is_package_available|require_version|import_optional_dependency)$")) @availability
(try_statement
  body: (block [(import_statement) (import_from_statement)])
  (except_clause [(identifier) (tuple) (as_pattern) ] @_error)
  (#match? @_error "ImportError|ModuleNotFoundError")) @availability

(function_definition name: (identifier) @_name (#match? @_name "^_?is_\\w+_available$")) @availability

; Which version it has.
(call function: (_) @_name arguments: (argument_list . (string (string_content) @_value))
  (#match? @_name "(^|\\.)(parse|Version)$") (#match? @_value "^[0-9]+(\\.[0-9]+)*")) @version
(comparison_operator (_) @_side (string (string_content) @_value)
  (#match? @_side "version") (#match? @_value "^[0-9]+\\.[0-9]")) @version
(call function: (_) @_name arguments: (argument_list (string (string_content) @_value))
  (#match? @_name "^is_[a-z]\\w*_(version|greater_or_equal|less_than)\\w*$")
  (#match? @_value "^[0-9]+(\\.[0-9]+)*")) @version

(assignment left: (identifier) @_name right: (string)
  (#match? @_name "^(MIN(IMUM|IMAL)?_\\w+_VERSION|\\w+_MIN(IMUM|IMAL)?_VERSION)$")) @minimum

; What an environment variable decides.
(call function: (_) @_name arguments: (argument_list . (string))
  (#match? @_name "(getenv|environ\\.get|environ\\.pop|environ\\.setdefault)$")) @env_var
(call function: (identifier) @_name arguments: (argument_list . [(string) (list)])
  (#match? @_name "(^|_)env(iron)?(_|$)")) @env_var
(subscript value: (_) @_name subscript: (string) (#match? @_name "environ$")) @env_var
(comparison_operator (string) (attribute) @_name (#match? @_name "environ$")) @env_var

; On which platform, or which version of Python, it behaves differently.
(comparison_operator [(attribute) (call)] @_side
  (#match? @_side "^(sys\\.platform|os\\.name|platform\\.(system|machine)\\(\\))$|^sys\\.version_info")) @platform
(call function: (attribute object: (attribute) @_side attribute: (identifier) @_name)
  (#eq? @_side "sys.platform") (#eq? @_name "startswith")) @platform

; Which device the code looks for.
(call function: (_) @_name
  (#match? @_name "(^|\\.)(cuda|xpu|npu|mps|mlu|hpu)\\.is_available$|^is_(xpu|npu|mps|mlu|hpu|cuda|torch_[a-z]+)_available$|get_device_capability$")) @device

; What it does without a word: a value for what is not given, a setting that is changed, an exception passed over,
; care with numbers, a parameter that is not used, what is not saved.
(if_statement condition: [(comparison_operator) (not_operator)]
  consequence: (block . (expression_statement (assignment)))) @default
(assignment right: [(conditional_expression) (boolean_operator) (parenthesized_expression)]) @default
(assignment left: [(identifier) (attribute)] right: (_)) @override
(except_clause) @fallback
[(assignment) (return_statement)] @numeric
(function_definition) @unused
(call function: (attribute attribute: (identifier) @_name) (#any-of? @_name "register_buffer" "pop")) @unsaved
(delete_statement) @unsaved
