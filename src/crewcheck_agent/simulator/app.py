"""The application: the Devices API, the simulator's controls, its console."""

from typing import Any

from fastapi import FastAPI

from crewcheck_agent.simulator.api import BaseOf, DevicesApi
from crewcheck_agent.simulator.control import Controls
from crewcheck_agent.simulator.openapi import document
from crewcheck_agent.simulator.problems import answer_with_problems


def build_app(controls: Controls, base_of: BaseOf) -> FastAPI:
    """Put the parts together.

    Args:
        controls: what the application shows and changes.
        base_of: the base URL that a request shall be told the simulator is reached at.
    """
    app = FastAPI(docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(DevicesApi(controls.world, controls.logos, base_of).router())
    app.include_router(controls.router())
    answer_with_problems(app)

    def served_document() -> dict[str, Any]:
        app.openapi_schema = app.openapi_schema or document(app)
        return app.openapi_schema

    app.openapi = served_document  # type: ignore[method-assign] # the framework's documented way to extend it
    return app
