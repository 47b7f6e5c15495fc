"""An example of a service in another language: what tutorials on FastAPI build, without a model.

Needs Debian's python3-fastapi and uvicorn (in the image: APT_PACKAGES, see docs/services.md).
"""
import re

from fastapi import FastAPI, Query

app = FastAPI(title="Sentiment by a list of words")

GOOD = {"good", "great", "excellent", "love", "loved", "wonderful", "happy", "best"}
BAD = {"bad", "terrible", "awful", "hate", "hated", "sad", "worst", "broken"}


@app.get("/")
def read_root():
    return {"status": "ok"}


@app.post("/analyze")
def analyze(text: str = Query(min_length=1)):
    words = re.findall(r"[a-z']+", text.lower())
    good = sum(word in GOOD for word in words)
    bad = sum(word in BAD for word in words)
    share = (good + 1) / (good + bad + 2)
    if share >= 0.5:
        return {"sentiment": "POSITIVE", "score": share}
    return {"sentiment": "NEGATIVE", "score": 1 - share}
