# Airflow beside the engine: drivers of a standalone cluster run in client mode, where the task runs. Build after the engine:
#   docker build -f docker/airflow.Dockerfile --build-arg ENGINE=drg-engine -t drg-airflow .
ARG ENGINE=drg-engine
FROM ${ENGINE}

COPY --chown=drg:drg requirements-airflow.txt ./
RUN touch .venv/.done/lock && make .venv-airflow/.done/drg
COPY --chown=drg:drg dags dags

ENV AIRFLOW_HOME=/opt/drg/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/drg/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False
RUN mkdir airflow
ENTRYPOINT ["/opt/drg/.venv-airflow/bin/airflow"]
CMD ["version"]
