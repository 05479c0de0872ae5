"""Never ends while the module runs."""


while True:
    pass
