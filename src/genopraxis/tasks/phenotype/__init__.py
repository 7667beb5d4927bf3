"""Which disease or gene explains these signs?"""
