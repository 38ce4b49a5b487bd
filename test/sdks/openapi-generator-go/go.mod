module mpac-pgw.example/sdk

go 1.24
