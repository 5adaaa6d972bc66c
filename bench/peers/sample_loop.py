"""The API page's own Python sample, in a loop over a file: sample_loop.py URL TOKEN FILE"""
import csv
import json
import sys

import requests

url, token, file = sys.argv[1:4]
headers = {"Content-type": "application/json", "Authorization": "Bearer " + token}
success = 0
with open(file, newline="") as rows:
    for row in csv.DictReader(rows):
        payload = json.dumps({"referenceid": int(row["referenceid"]), "ackno": int(row["ackno"])})
        response = requests.request("POST", url, headers=headers, data=payload)
        success += response.json()["response_code"] == 1
print("success", success)
