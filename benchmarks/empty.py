"""The least that FastAPI can do: read a JSON body, answer one. Served as Zhike is served."""

from __future__ import annotations

import argparse

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(docs_url=None, redoc_url=None)


class Body(BaseModel):
    text: str


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/empty")
async def empty(body: Body) -> dict[str, str]:
    return {"text": body.text}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app, port=parser.parse_args().port, log_config=None, access_log=False, server_header=False)
