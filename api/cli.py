"""The `zhike` command. Each command's module says what it does; heavy imports wait until one runs."""

from __future__ import annotations

import sys

import typer

from api.commands import ask, audit, batch, client, config, follow_up, index, knowledge, models, plugins, product, serve, user

__all__ = ["app", "main"]

app = typer.Typer(
    name="zhike", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]}, rich_markup_mode="rich",
    help="Zhike 知客: client-service assistant for a securities brokerage.\n\n"
         "Begin with [bold]zhike serve --demo[/bold], or ask at once: [bold]zhike ask 怎么开户[/bold]. "
         "What is set, and where: [bold]zhike config[/bold].")
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("batch")(batch.batch)
app.command("config")(config.config)
app.add_typer(knowledge.app, name="kb")
app.add_typer(index.app, name="index")
app.add_typer(models.app, name="models")
app.add_typer(user.app, name="user")
app.add_typer(audit.app, name="audit")
app.add_typer(client.app, name="client")
app.add_typer(product.app, name="product")
app.add_typer(follow_up.app, name="follow-up")
plugins.add(app)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 done with errors that were reported, 2 not done."""
    from assistant.errors import AssistantError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(args=arguments, prog_name="zhike")
    except AssistantError as error:
        print(f"zhike: {error} [{error.code}]", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output has left; nothing is wrong here.
        sys.stderr.close()
        sys.exit(1)
