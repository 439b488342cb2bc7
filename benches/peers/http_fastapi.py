"""The usual way to serve a scorecard in Python: FastAPI on uvicorn, one worker, a scikit-learn pipeline over a pandas row.

    python http_fastapi.py PORT DATA
"""

import sys

import pandas as pd
import uvicorn
from fastapi import FastAPI, Request
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = ["seniority", "term_months", "expenses", "income", "assets", "debt", "amount", "price"]
TEXTS = ["home", "records", "job"]

rows = pd.read_csv(sys.argv[2])
rows[TEXTS] = rows[TEXTS].fillna("missing").astype(object)
model = make_pipeline(
    make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore"), TEXTS),
    ),
    LogisticRegression(max_iter=1000),
)
model.fit(rows[NUMBERS + TEXTS], rows["status"] == "bad")
app = FastAPI()


@app.post("/score")
async def score(request: Request):
    customer = await request.json()
    row = pd.DataFrame([customer], columns=NUMBERS + TEXTS)
    return {"pd": float(model.predict_proba(row)[0, 1])}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
