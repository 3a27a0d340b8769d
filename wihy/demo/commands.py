"""Commands."""

import click

demo = click.Group("demo")
