"""What schemathesis itself gets wrong."""

import schemathesis


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Stateful runs put what an earlier answer held into a header as it is: a number, which cannot be sent as one."""
    for name, value in list((case.headers or {}).items()):
        if not isinstance(value, str):
            case.headers[name] = str(value)
