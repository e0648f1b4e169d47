#!/bin/sh
# Runs until it is stopped, with a child of its own, as agents have.
echo "Loading the data set"
sleep 300 &
step=0
while :; do
  step=$((step + 1))
  echo "chunk $step"
  sleep 0.5
done
